import type { ChangedFile, DiffOptions } from '#activities/ports/repositories.ts';
import { fileRisk, type FileRisk } from '#workflows/domain/merge/risk.ts';
import type { Call } from '../http/context.ts';

/** Most bytes of a patch that is shown. */
const mostBytes = 2_000_000;

/** What changed from one commit to another: a patch of at most `maxBytes`, without known secrets, and all files. */
export async function shownChange(
  { repositories, redact }: Pick<Call['services'], 'repositories' | 'redact'>,
  projectId: string,
  from: string,
  to: string,
  options: Pick<DiffOptions, 'maxBytes' | 'ignoreWhitespace'> = {},
): Promise<{ patch: string; truncated: boolean; files: (ChangedFile & { risk: FileRisk })[] }> {
  if (from === to) return { patch: '', truncated: false, files: [] };
  const [{ patch, truncated }, files] = await Promise.all([
    repositories.diff(projectId, from, to, { maxBytes: mostBytes, ...options }),
    repositories.changedFiles(projectId, from, to),
  ]);
  return { patch: redact(patch), truncated, files: files.map((file) => ({ ...file, risk: fileRisk(file) })) };
}
