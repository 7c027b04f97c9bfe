import type { BlamedLine, ChangedFile, CommitDetails, CommitInfo, DiffOptions } from '../../ports/repositories.ts';
import { gitFailed, type Git } from './git-command.ts';
import { emptyTree } from './ref-names.ts';

const kinds: Record<string, ChangedFile['change_type']> = { A: 'created', D: 'deleted', R: 'renamed' };

/** Files that differ between two commits or trees; a rename is one change, named by its new path. */
export async function changedFiles(
  git: Git,
  gitDir: string,
  { from, to, renames = true }: { from: string; to: string; renames?: boolean },
): Promise<ChangedFile[]> {
  const output = await git.text([
    '--git-dir',
    gitDir,
    'diff-tree',
    '-r',
    renames ? '-M' : '--no-renames',
    '-z',
    '--raw',
    '--numstat',
    from,
    to,
    '--',
  ]);
  const fields = output.split('\0').values();
  const next = () => fields.next().value ?? '';
  const types = new Map<string, string>();
  const files: ChangedFile[] = [];
  for (const field of fields) {
    if (field.startsWith(':')) {
      const status = field.charAt(field.lastIndexOf(' ') + 1);
      if (status === 'R') next();
      types.set(next(), status);
      continue;
    }
    const counts = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(field);
    if (!counts) continue;
    let [, , , path = ''] = counts;
    // For a rename the path is empty, and the old and the new one follow.
    if (path === '') {
      next();
      path = next();
    }
    files.push({
      path,
      change_type: kinds[types.get(path) ?? ''] ?? 'modified',
      lines_added: Number(counts[1]) || 0,
      lines_removed: Number(counts[2]) || 0,
      binary: counts[1] === '-',
    });
  }
  return files;
}

/** Unified diff of two commits or trees, whole files only, at most `maxBytes` bytes. */
export async function diff(
  git: Git,
  gitDir: string,
  from: string,
  to: string,
  { maxBytes = 8 * 2 ** 20, paths = [], ignoreWhitespace = false }: DiffOptions = {},
): Promise<{ patch: string; truncated: boolean }> {
  const flags = ['-r', '-p', '-M', '--no-ext-diff', '--no-textconv', '--no-color', ...(ignoreWhitespace ? ['-w'] : [])];
  const result = await git.run(
    ['--git-dir', gitDir, '--literal-pathspecs', 'diff-tree', ...flags, from, to, '--', ...paths],
    { maxBytes },
  );
  if (result.exitCode > 0) throw gitFailed(result.stderr);
  if (result.exitCode === 0) return { patch: result.stdout.toString(), truncated: false };
  // Content lines of a patch begin with a space, + or -, so this can only be the start of a file.
  const boundary = result.stdout.subarray(0, maxBytes + 1).lastIndexOf('\ndiff --git ');
  return { patch: boundary < 0 ? '' : result.stdout.subarray(0, boundary + 1).toString(), truncated: true };
}

/** Longest that git may look for who wrote a file's lines. */
const blameTimeoutMs = 30_000;

/** Lines of a file that commits after `from` have written. */
export async function blame(
  git: Git,
  gitDir: string,
  { from, to, path }: { from: string; to: string; path: string },
): Promise<BlamedLine[]> {
  if (!(await isText(git, gitDir, to, path))) return [];
  const args = [
    '-c',
    'core.quotePath=false',
    '--git-dir',
    gitDir,
    'blame',
    '--line-porcelain',
    '--no-textconv',
    `${from}..${to}`,
    '--',
    path,
  ];
  const output = await git.text(args, { timeoutMs: blameTimeoutMs });
  const lines: BlamedLine[] = [];
  let place: { sha: string; original: number; line: number } | undefined;
  let written = true;
  let name = path;
  for (const text of output.split('\n')) {
    const start = /^([0-9a-f]{40}) (\d+) (\d+)/.exec(text);
    if (text.startsWith('\t')) {
      if (place && written)
        lines.push({ line: place.line, sha: place.sha, original: { path: name, line: place.original } });
      [place, written] = [undefined, true];
    } else if (start && !place) place = { sha: start[1] ?? '', original: Number(start[2]), line: Number(start[3]) };
    else if (text === 'boundary') written = false;
    else if (text.startsWith('filename ')) name = text.slice('filename '.length);
  }
  return lines;
}

/** Git shows no numbers of lines for what is not text. */
async function isText(git: Git, gitDir: string, rev: string, path: string): Promise<boolean> {
  const args = ['--git-dir', gitDir, '--literal-pathspecs', 'diff-tree', '-r', '-z', '--numstat', emptyTree, rev];
  const found = await git.run([...args, '--', path], { maxBytes: 65_536 });
  const [sizes = ''] = found.stdout.toString().split('\0');
  return /^\d+\t/.test(sizes) && sizes.endsWith(`\t${path}`);
}

/** The newest `limit` commits that are in `to` but not in `from`, oldest first. */
export async function log(git: Git, gitDir: string, from: string, to: string, limit = 1000): Promise<CommitInfo[]> {
  const format = '--format=%H%x00%s%x00%b%x00%an%x00%aI';
  const output = await git.text([
    '--git-dir',
    gitDir,
    'log',
    '-z',
    '--reverse',
    `--max-count=${limit}`,
    format,
    `${from}..${to}`,
    '--',
  ]);
  const fields = output.split('\0');
  const commits: CommitInfo[] = [];
  for (let i = 0; i + 4 < fields.length; i += 5) {
    const [sha = '', subject = '', body = '', author = '', at = ''] = fields.slice(i, i + 5);
    commits.push({ sha, subject, body: body.trimEnd(), author, at: new Date(at).toISOString() });
  }
  return commits;
}

/** Each field begins with a letter, so that only the start of a commit is an empty one. */
const details = ['', '', 'H%H', 'P%P', 's%s', 'b%b', 'a%an', 't%aI', ''].join('%x00');

/** Commits with the size of their changes. @param range git's name of the commits: a range, or one commit and `-1`. */
export async function commitDetails(git: Git, gitDir: string, range: string[]): Promise<CommitDetails[]> {
  const flags = ['--shortstat', '-M', '--diff-merges=first-parent', '--reverse', '--no-color', '--no-show-signature'];
  const output = await git.text(['--git-dir', gitDir, 'log', ...flags, `--format=${details}`, ...range, '--']);
  return output
    .split('\0\0')
    .slice(1)
    .map((text) => {
      const fields = text.split('\0').map((field) => field.slice(1));
      const [sha = '', parents = '', subject = '', body = '', author = '', at = '', sizes = ''] = fields;
      const size = (pattern: RegExp) => Number(pattern.exec(sizes)?.[1] ?? 0);
      return {
        sha,
        parents: parents.split(' ').filter(Boolean),
        compared_with: parents.split(' ')[0] || emptyTree,
        subject,
        body: body.trimEnd(),
        author,
        at: new Date(at).toISOString(),
        files_changed: size(/(\d+) files? changed/),
        insertions: size(/(\d+) insertions?/),
        deletions: size(/(\d+) deletions?/),
      };
    });
}
