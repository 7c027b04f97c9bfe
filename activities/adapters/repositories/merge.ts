import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RepositoryError, type MergeTree } from '../../ports/repositories.ts';
import { gitFailed, type Git } from './git-command.ts';

/**
 * Merges two commits without files, index or merge drivers; needs git 2.38. The built-in kinds of merge that
 * .gitattributes of `ours` names are honoured, such as `merge=union`.
 * @throws RepositoryError('unrelated') when the commits have no common ancestor.
 */
export async function mergeTree(git: Git, gitDir: string, ours: string, theirs: string): Promise<MergeTree> {
  const args = ['--git-dir', gitDir, 'merge-tree', '--write-tree', '-z', '--messages', ours, theirs];
  const result = await withMergeAttributes(git, gitDir, ours, (options) => git.run(args, options));
  if (/refusing to merge unrelated histories/.test(result.stderr))
    throw new RepositoryError('unrelated', 'The two commits have no common history, so they cannot be merged.');
  // It also exits with 1, as after a conflict, when a commit does not exist.
  if (result.exitCode > 1 || result.stdout.length === 0) throw gitFailed(result.stderr);
  return parseMergeTree(result.stdout.toString());
}

/**
 * Git reads .gitattributes from a working tree. For the merge there is one that holds nothing else, and none where no
 * file says how to merge.
 */
async function withMergeAttributes<T>(
  git: Git,
  gitDir: string,
  rev: string,
  merge: (options?: { cwd: string; env: Record<string, string> }) => Promise<T>,
): Promise<T> {
  const named = ['-e', 'merge', '-e', 'binary', rev, '--', '.gitattributes', ':(glob)**/.gitattributes'];
  const found = await git.run(['--git-dir', gitDir, 'grep', '-l', '-z', '-I', ...named]);
  const files = found.stdout.toString().split('\0').filter(Boolean);
  if (files.length === 0) return merge();
  const tree = await mkdtemp(path.join(gitDir, 'attributes-'));
  try {
    for (const name of files) {
      const blob = await git.run(['--git-dir', gitDir, 'cat-file', 'blob', name], { maxBytes: 2 ** 20 });
      if (blob.exitCode !== 0) continue;
      const file = path.join(tree, name.slice(rev.length + 1));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, blob.stdout);
    }
    return await merge({ cwd: tree, env: { GIT_WORK_TREE: tree } });
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
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
