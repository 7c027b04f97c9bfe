import { createInterface } from 'node:readline';
import { gitFailed, type Git } from './git-command.ts';

export interface LockedRef {
  /** Moves the ref and releases the lock. */
  commit(): Promise<void>;
  /** Releases the lock without a move. Has no effect after commit. */
  release(): Promise<void>;
}

const lockTries = 8;

/**
 * Takes git's own lock of a ref, prepared to move it from `expected` to `sha`. A git process holds it and releases it
 * when this process dies.
 * @returns undefined when the ref is at another commit.
 * @throws RepositoryError('git_failed') when another process holds the lock for seconds.
 */
export async function lockRef(
  git: Git,
  gitDir: string,
  ref: string,
  sha: string,
  expected: string,
): Promise<LockedRef | undefined> {
  for (let tries = 1; ; tries++) {
    const { locked, stderr } = await tryLock(git, gitDir, ref, sha, expected);
    if (locked) return locked;
    const at = await git.run(['--git-dir', gitDir, 'rev-parse', '--verify', '--quiet', ref]);
    if (at.stdout.toString().trim() !== expected) return undefined;
    if (tries === lockTries) throw gitFailed(stderr);
    await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** tries * (0.5 + Math.random())));
  }
}

async function tryLock(
  git: Git,
  gitDir: string,
  ref: string,
  sha: string,
  expected: string,
): Promise<{ locked?: LockedRef; stderr: string }> {
  const child = git.spawn(['--git-dir', gitDir, 'update-ref', '--stdin', '-m', 'merge: fast-forward by OmoiOS']);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = async (command: string, expectedAnswer: string): Promise<boolean> => {
    child.stdin.write(`${command}\n`);
    const { value } = (await answers.next()) as IteratorResult<string, undefined>;
    return value === expectedAnswer;
  };
  const release = async () => {
    child.stdin.end();
    await ended;
  };

  if ((await say('start', 'start: ok')) && (await say(`update ${ref} ${sha} ${expected}\nprepare`, 'prepare: ok'))) {
    const commit = async () => {
      const moved = await say('commit', 'commit: ok');
      await release();
      if (!moved) throw gitFailed(stderr);
    };
    return { locked: { commit, release }, stderr };
  }
  await release();
  return { stderr };
}
