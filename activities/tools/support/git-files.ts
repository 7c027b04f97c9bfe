import type { ToolContext } from './tool.ts';
import { ToolFailure } from './tool-failure.ts';

/**
 * Runs git in a folder of the sandbox's workspace, without a shell and independent of its settings. With a UTF-8
 * locale its patterns match characters, not bytes.
 */
export function git(
  context: ToolContext,
  folder: string,
  argv: string[],
): Promise<{ exitCode: number; stdout: Buffer; stderr: string }> {
  const { port, id } = context.sandbox;
  return port.exec(id, ['env', 'LC_ALL=C.UTF-8', 'git', '-c', 'color.ui=false', '-c', 'grep.fullName=false', ...argv], {
    timeoutMs: 60_000,
    ...(folder !== '' && { cwd: folder }),
  });
}

/**
 * Files below a folder, tracked or new, ignored and deleted ones left out; sorted, relative to that folder.
 * @param pathspecs as `globPathspecs` makes them; none means all.
 */
export async function gitFiles(context: ToolContext, folder: string, pathspecs: string[] = []): Promise<string[]> {
  const listed = await git(context, folder, [
    'ls-files',
    '-c',
    '-o',
    '-d',
    '-t',
    '-z',
    '--exclude-standard',
    '--',
    ...pathspecs,
  ]);
  if (listed.exitCode !== 0)
    throw new ToolFailure('failed', `git ls-files failed: ${listed.stderr.trim()}. Use ls or find with bash.`);
  const entries = listed.stdout
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((entry) => ({ tag: entry[0], path: entry.slice(2) }));
  // A deleted file is listed twice, once as tracked and once as removed.
  const removed = new Set(entries.filter(({ tag }) => tag === 'R').map(({ path }) => path));
  const files = new Set(entries.map(({ path }) => path).filter((path) => !removed.has(path)));
  return [...files].sort(byCodePoint);
}

/**
 * Paths below a folder that .gitignore excludes. A folder that is ignored as a whole counts once.
 * @returns `[folder]` when the folder itself is ignored.
 */
export async function ignoredEntries(context: ToolContext, folder: string): Promise<string[]> {
  if (folder !== '' && (await git(context, '', ['check-ignore', '-q', '--', folder])).exitCode === 0)
    return [`${folder}/`];
  const listed = await git(context, folder, ['ls-files', '-o', '-i', '-z', '--exclude-standard', '--directory']);
  return listed.exitCode === 0 ? listed.stdout.toString().split('\0').filter(Boolean).sort(byCodePoint) : [];
}

/** Compares by code units, so the order is the same on every machine. */
export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
