import type { ChangedFile } from '#activities/ports/repositories.ts';
import type { Call } from '../http/context.ts';

/** What changed from one commit to another: a patch of at most `maxBytes`, without known secrets, and all files. */
export async function shownChange(
  { repositories, redact }: Pick<Call['services'], 'repositories' | 'redact'>,
  projectId: string,
  from: string,
  to: string,
  maxBytes = 2_000_000,
): Promise<{ patch: string; truncated: boolean; files: ChangedFile[] }> {
  if (from === to) return { patch: '', truncated: false, files: [] };
  const [{ patch, truncated }, files] = await Promise.all([
    repositories.diff(projectId, from, to, { maxBytes }),
    repositories.changedFiles(projectId, from, to),
  ]);
  return { patch: redact(patch), truncated, files };
}
