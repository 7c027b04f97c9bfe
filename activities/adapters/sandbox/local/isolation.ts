import { readFileSync } from 'node:fs';

/**
 * How commands are kept apart from the machine.
 * - `mapped`: the platform is root and gives commands a user id that owns nothing else here.
 * - `nested`: commands run as the platform's own user, seen as another one inside a second user namespace. Never for
 *   root: the kernel gives the machine's root more than capabilities, such as its settings and no limit of processes.
 * - `none`: plain processes.
 */
export type Isolation = { kind: 'mapped' } | { kind: 'nested' } | { kind: 'none'; reason: string };

/** Who commands are, inside. */
export const insideUid = 1000;
/** Who they are on the host when the platform is root: an id that systems leave free and 16 bits hold. */
export const mappedUid = 61_000;

/** Hard limits of this process: a command cannot be given more. */
const hardLimits = (() => {
  const names: Record<string, string> = {
    'Max data size': 'data',
    'Max file size': 'fsize',
    'Max processes': 'nproc',
    'Max open files': 'nofile',
  };
  const found: Record<string, number> = {};
  if (process.platform !== 'linux') return found;
  for (const line of readFileSync('/proc/self/limits', 'utf8').split('\n')) {
    const parts = /^(.+?)\s{2,}\S+\s+(\S+)/.exec(line);
    const name = parts && names[parts[1] as string];
    if (name && parts[2] !== 'unlimited') found[name] = Number(parts[2]);
  }
  return found;
})();

/** The limit, or the most that this user may set. */
export const clamped = (name: 'data' | 'fsize' | 'nproc' | 'nofile', wanted: number) =>
  Math.floor(Math.min(wanted, hardLimits[name] ?? Infinity));
