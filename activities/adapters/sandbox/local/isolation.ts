import { readFileSync } from 'node:fs';

/**
 * How commands are isolated from the machine.
 * - `mapped`: the platform is root, and commands run with a user id that owns nothing else here.
 * - `nested`: commands run as the platform's own user, shown as another one in a second user namespace. Never for root:
 *   the kernel gives the machine's root more rights, such as its settings and no limit of processes.
 * - `none`: plain processes.
 */
export type Isolation = { kind: 'mapped' } | { kind: 'nested' } | { kind: 'none'; reason: string };

/** User id of commands inside the sandbox. */
export const insideUid = 1000;
/** User id of commands on the host when the platform is root: systems leave it free, and it fits in 16 bits. */
export const mappedUid = 61_000;

/** Hard limits of this process: a command cannot have more. */
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
    const [, label = '', hard] = /^(.+?)\s{2,}\S+\s+(\S+)/.exec(line) ?? [];
    const name = names[label];
    if (name && hard !== 'unlimited') found[name] = Number(hard);
  }
  return found;
})();

/** The limit, or the highest value that this user may set. */
export const clamped = (name: 'data' | 'fsize' | 'nproc' | 'nofile', wanted: number) =>
  Math.floor(Math.min(wanted, hardLimits[name] ?? Infinity));
