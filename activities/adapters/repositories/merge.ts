import type { MergeTree } from '../../ports/repositories.ts';
import { gitFailed, type Git } from './git-command.ts';

/** Merges two commits without files, index or merge drivers; needs git 2.38. */
export async function mergeTree(git: Git, gitDir: string, ours: string, theirs: string): Promise<MergeTree> {
  const result = await git.run(['--git-dir', gitDir, 'merge-tree', '--write-tree', '-z', '--messages', ours, theirs]);
  // It also exits with 1, as after a conflict, when a commit does not exist.
  if (result.exitCode > 1 || result.stdout.length === 0) throw gitFailed(result.stderr);
  return parseMergeTree(result.stdout.toString());
}

/**
 * Reads the output of git merge-tree -z: the tree, then "mode id stage\tpath" of each conflicted entry, an empty
 * field, then messages as a count of paths, the paths, the type of message and its text.
 */
export function parseMergeTree(output: string): MergeTree {
  const fields = output.split('\0');
  const tree = fields[0] ?? '';
  const end = fields.indexOf('', 1);
  const conflicted = new Set(fields.slice(1, end).map((entry) => entry.slice(entry.indexOf('\t') + 1)));

  const kinds = new Map<string, string>();
  const messages: string[] = [];
  for (let i = end + 1; i < fields.length && fields[i] !== '';) {
    const count = Number(fields[i]);
    const paths = fields.slice(i + 1, i + 1 + count);
    const type = fields[i + 1 + count] ?? '';
    const text = fields[i + 2 + count] ?? '';
    i += 3 + count;
    if (!type.startsWith('CONFLICT')) continue;
    messages.push(text.trim());
    for (const path of paths)
      if (!kinds.has(path)) kinds.set(path, /^CONFLICT \((.+)\)$/.exec(type)?.[1] ?? 'contents');
  }
  return { tree, conflicts: [...conflicted].map((path) => ({ path, kind: kinds.get(path) ?? 'contents' })), messages };
}
