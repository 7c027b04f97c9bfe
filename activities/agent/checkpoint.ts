import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../ports/services.ts';
import { requireCommit } from '../ports/lost-commit.ts';
import { cutStart } from '#workflows/domain/text.ts';

const previewLines = 100;
const previewChars = 5000;
const fullChars = 50_000;

/** The part of a unified diff that belongs to each file, by path. */
function partsOf(patch: string): Map<string, string> {
  const parts = patch.split(/^(?=diff --git )/m).filter(Boolean);
  return new Map(
    parts.map((part) => [
      /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ?? /^--- a\/(.+)$/m.exec(part)?.[1] ?? / b\/(.+)$/m.exec(part)?.[1] ?? '',
      part,
    ]),
  );
}

/**
 * Stores the files of a turn as a commit under a hidden ref in the project's mirror. The commit shows the changes of
 * the turn, restores a lost sandbox and is the start of a fork. A repeated call finds the same tree.
 */
export async function keepCheckpoint(
  services: Services,
  run: Run,
  turn: number,
  merged = false,
): Promise<{ tree: string }> {
  const { sandbox, store, repositories } = services;
  const parent = run.head_sha;
  await requireCommit(services, run.project_id, parent);
  const { sha, tree } = await sandbox.checkpoint(run.sandbox_id, {
    parent,
    ref: `refs/omoios/runs/${run.id}/${turn}`,
    message: `Turn ${turn} of run ${run.id}`,
  });
  if (sha === parent) return { tree };
  const files = await repositories.changedFiles(run.project_id, parent, sha);
  const { patch } = await repositories.diff(run.project_id, parent, sha, { maxBytes: 400_000 });
  const parts = partsOf(patch);
  await store.toolCalls.checkpoint({
    organization_id: run.organization_id,
    run_id: run.id,
    owner: run.owner,
    turn,
    sha,
    tree,
    parent_sha: parent,
    merged,
    files: files.map((file) => {
      const part = parts.get(file.path) ?? '';
      return {
        ...file,
        diff_preview: cutStart(part.split('\n').slice(0, previewLines).join('\n'), previewChars),
        full_diff: services.redact(cutStart(part, fullChars)),
        full_diff_size: part.length,
      };
    }),
  });
  return { tree };
}
