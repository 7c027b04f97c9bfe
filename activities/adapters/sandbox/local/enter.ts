import type { SandboxSpec } from '../../../ports/sandbox.ts';
import type { Holder } from './holder.ts';
import { clamped, insideUid, type Isolation } from './isolation.ts';

/** The namespace that scripts/network.mjs makes for one command; scripts/job.sh replaces the name of the process. */
const ownNetwork = '--net=/proc/@NETWORK@/ns/net';

const openFiles = 16_384;

/**
 * The command-line prefix that runs a command inside: limits, then the sandbox's namespaces, then a user without any
 * capability and no way to gain one, in a separate session.
 */
export function enter(
  isolation: Isolation,
  holder: Holder,
  { network, limits }: { network: 'none' | 'own'; limits: SandboxSpec['limits'] },
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
    network === 'none' ? '-n' : ownNetwork,
    '--preserve-credentials',
    '--',
  ];
  // Processes that a command with network leaves running end with it. Otherwise the other commands could use them to
  // reach the network.
  const alone = network === 'own' ? ['unshare', '--pid', '--fork', '--kill-child', '--'] : [];
  const powerless = ['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--'];
  const asAgent = [`--reuid=${insideUid}`, `--regid=${insideUid}`, '--clear-groups'];
  if (isolation.kind === 'mapped') {
    return [...limited, 'nsenter', '-U', ...namespaces, ...alone, 'setsid', 'setpriv', ...asAgent, ...powerless];
  }
  // From the outer user namespace, which may join the others, into the inner one, which has only the user.
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
