import type { RepositoriesPort } from '../ports/repositories.ts';

/** Reads whose answer follows from a commit alone. */
const reads: ReadonlySet<string | symbol> = new Set<keyof RepositoriesPort>([
  'treeOf',
  'listFiles',
  'readFiles',
  'submodules',
  'map',
]);

const commitId = /^[0-9a-f]{40}$/;
const largest = 250_000;
const entries = 64;

type Read = (projectId: string, rev: string, ...rest: unknown[]) => Promise<unknown>;

/** Characters of an answer, about. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof Map) return sizeOf([...value]);
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 0);
}

/**
 * Repositories that remember what was read at a commit. A run's opening message, its set-up and its checks read the same
 * files, and so does the run that is prepared while the one before it is reviewed: each read is several processes.
 */
export function rememberingCommits(port: RepositoriesPort): RepositoriesPort {
  const known = new Map<string, Promise<unknown>>();

  function remember(key: string, read: () => Promise<unknown>): Promise<unknown> {
    const answer = known.get(key) ?? read();
    known.delete(key);
    known.set(key, answer);
    for (const oldest of [...known.keys()].slice(0, Math.max(0, known.size - entries))) known.delete(oldest);
    const forget = () => {
      if (known.get(key) === answer) known.delete(key);
    };
    answer.then((value) => sizeOf(value) > largest && forget(), forget);
    return answer;
  }

  return new Proxy(port, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (!reads.has(name) || typeof method !== 'function') return method;
      const read: Read = (projectId, rev, ...rest) => {
        const call = () => (method as Read).call(target, projectId, rev, ...rest);
        if (!commitId.test(rev)) return call();
        const key = JSON.stringify([name, projectId, rev, ...rest]);
        // A copy for each caller: what one does with it does not reach the next.
        return remember(key, call).then((value) => structuredClone(value));
      };
      return read;
    },
  });
}
