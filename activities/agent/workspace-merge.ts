import type { Services } from '../ports/services.ts';
import { deterministicId } from '../support/ids.ts';
import { ensureSetUp } from './set-up-sandbox.ts';
import { keepCheckpoint } from './checkpoint.ts';

export interface WorkspaceMergeInput {
  organization_id: string;
  run_id: string;
  turn: number;
  discovery_id: string;
  /** Commit to merge; null when the work that the run waited for was abandoned. */
  sha: string | null;
  message: string;
}

const script = `
set -u
sha=$1
git add -A && { git diff --cached --quiet || git commit -q --no-verify -m "Work in progress"; }
if git merge-base --is-ancestor "$sha" HEAD; then echo "already there"; exit 0; fi
git merge --no-edit --no-verify -q "$sha" && exit 0
echo "conflicts:"; git diff --name-only --diff-filter=U
exit 3
`;

/** Merges finished work of other runs into a waiting run's workspace, and sends the agent a message about it. */
export function createWorkspaceMerge(services: Services) {
  const { store, sandbox } = services;
  return async function mergeIntoWorkspace(input: WorkspaceMergeInput): Promise<{ conflicts: string[] }> {
    const run = await store.runs.get(input.organization_id, input.run_id);
    let text = input.message;
    let conflicts: string[] = [];
    if (input.sha) {
      await ensureSetUp(services, run);
      await sandbox.provide(run.sandbox_id, input.sha);
      const result = await sandbox.exec(run.sandbox_id, ['bash', '-c', script, 'merge', input.sha], {
        timeoutMs: 60_000,
      });
      const out = result.stdout.toString('utf8');
      if (result.exitCode === 3) {
        conflicts = out.split('conflicts:\n')[1]?.split('\n').filter(Boolean) ?? [];
        text += ` It touches what you changed: resolve the conflict markers in ${conflicts.join(', ')}, keeping both sides, then continue.`;
      } else if (result.exitCode !== 0) {
        text += ` It could not be merged into your workspace (${out.trim() || result.stderr.trim()}). Merge ${input.sha.slice(0, 12)} yourself.`;
      } else {
        text += ' It is merged into your workspace.';
      }
      await keepCheckpoint(services, run, input.turn, true);
    }
    const id = deterministicId(`unblocked:${input.run_id}:${input.discovery_id}`);
    await store.messages.accept({
      id,
      organization_id: run.organization_id,
      run_id: run.id,
      kind: 'system',
      rank: 'turn',
      content: text,
      actor: 'platform',
    });
    return { conflicts };
  };
}
