import type { SandboxSpec } from '../../../ports/sandbox.ts';
import type { Holder } from './holder.ts';
import { clamped, insideUid, type Isolation } from './isolation.ts';

const openFiles = 16_384;

/**
 * The words in front of a command that make it run inside: limits, then the sandbox's namespaces, then a user
 * without any capability and no way to gain one, in a session of its own.
 */
export function enter(
  isolation: Isolation,
  holder: Holder,
  { network, limits }: { network: 'none' | 'full'; limits: SandboxSpec['limits'] },
): string[] {
  const limited = [
    'prlimit',
    `--data=${clamped('data', limits.memory_mb * 2 ** 20)}`,
    `--fsize=${clamped('fsize', limits.file_size_mb * 2 ** 20)}`,
    `--nproc=${clamped('nproc', limits.processes)}`,
    `--nofile=${clamped('nofile', openFiles)}`,
    '--core=0',
    '--',
  ];
  const namespaces = [
    '-t',
    String(holder.child),
    '-m',
    '-p',
    '-i',
    '-u',
    '-C',
    ...(network === 'none' ? ['-n'] : []),
    '--preserve-credentials',
    '--',
  ];
  // A command with network takes what it leaves running with it, else that would be a way out for the others.
  const alone = network === 'full' ? ['unshare', '--pid', '--fork', '--kill-child', '--'] : [];
  const powerless = ['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--'];
  const asAgent = [`--reuid=${insideUid}`, `--regid=${insideUid}`, '--clear-groups'];
  if (isolation.kind === 'mapped') {
    return [...limited, 'nsenter', '-U', ...namespaces, ...alone, 'setsid', 'setpriv', ...asAgent, ...powerless];
  }
  // From the outer user namespace, which may join the others, into the inner one, which holds nothing but the user.
  const inner = ['nsenter', '--user=/proc/1/ns/user', '--preserve-credentials', '--'];
  return [
    ...limited,
    'nsenter',
    `--user=/proc/${holder.owner}/ns/user`,
    ...namespaces,
    ...alone,
    ...inner,
    'setsid',
    'setpriv',
    ...powerless,
  ];
}
