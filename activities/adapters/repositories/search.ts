import { RepositoryError } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';

/** A search of a very large repository may end without an answer, which callers can do without. */
async function outputOf(git: Git, gitDir: string, args: string[]): Promise<string> {
  const options = { timeoutMs: 20_000, maxBytes: 32 * 1024 * 1024 };
  const result = await git.run(['--git-dir', gitDir, ...args], options).catch((error: unknown) => {
    if (error instanceof RepositoryError && error.code === 'unreachable') return undefined;
    throw error;
  });
  return result?.stdout.toString() ?? '';
}

/** The newest commits up to a revision, newest first, without merges: subject and paths. */
export async function recentChanges(
  git: Git,
  gitDir: string,
  rev: string,
  limit: number,
): Promise<{ subject: string; paths: string[] }[]> {
  const args = ['log', '-z', '--no-merges', `--max-count=${limit}`, '--format=%x01%s%x00', '--name-only', rev, '--'];
  const stdout = await outputOf(git, gitDir, args);
  return stdout
    .split('\u0001')
    .slice(1)
    .map((entry) => {
      const [subject = '', ...paths] = entry.split('\0');
      return { subject, paths: paths.map((file) => file.replace(/^\n/, '')).filter((file) => file !== '') };
    });
}

/** How often each word (letters, digits and `_`) occurs in each text file of a revision: whole words, in any case. */
export async function occurrences(
  git: Git,
  gitDir: string,
  rev: string,
  words: string[],
): Promise<{ word: string; path: string; count: number }[]> {
  const plain = words.filter((word) => /^[\p{L}\p{N}_]+$/u.test(word));
  if (plain.length === 0) return [];
  // One expression: git takes thirty times as long for as many fixed words.
  const anyWord = String.raw`\b(?:${plain.join('|')})\b`;
  const stdout = await outputOf(git, gitDir, ['grep', '-z', '-I', '-i', '-P', '-o', '-e', anyWord, rev, '--']);
  const found = new Map<string, { word: string; path: string; count: number }>();
  for (const line of stdout.split('\n')) {
    const [named = '', match] = line.split('\0');
    const path = named.slice(rev.length + 1);
    const word = match?.toLowerCase();
    if (!word || path === '') continue;
    const entry = found.get(`${word}\0${path}`) ?? { word, path, count: 0 };
    entry.count += 1;
    found.set(`${word}\0${path}`, entry);
  }
  return [...found.values()];
}
