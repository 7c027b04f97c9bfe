import type { CommandSpec } from '../../ports/sandbox.ts';

const hosts = [
  /could not resolve host:? '?([\w.-]+)/gi,
  /(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)/g,
  /(?:unable to resolve host address|temporary failure resolving|failed to resolve|cannot resolve) ['‘"]?([\w.-]+)/gi,
  /dial tcp: lookup ([\w.-]+)/g,
  /(?:ENETUNREACH|ECONNREFUSED) ([\d.]+(?::\d+)?)/g,
];

const paths = [
  /([^\s:'"‘’]+)['’]?: (?:read-only file system|permission denied)/gi,
  /(?:EROFS|EACCES|EPERM): [^,\n]+, \w+ '([^']+)'/g,
];

const MOST = 5;

/** Explains refusals of the sandbox, found by the messages of common programs: one sentence for each kind. */
export function denials(output: string, network: CommandSpec['network']): string[] {
  const denied = named(output, paths);
  // A local server that does not run is not a denial.
  const unreachable =
    network === 'none' ? named(output, hosts).filter((host) => !/^(?:localhost|127\.|0\.0\.0\.0)/.test(host)) : [];
  return [
    ...(unreachable.length > 0
      ? [
          `The sandbox has no network: ${unreachable.join(', ')} cannot be reached. Use what is installed, and say so where that is not enough.`,
        ]
      : []),
    ...(denied.length > 0
      ? [
          `Permission denied: ${denied.join(', ')}. Commands may write in the workspace and under /tmp; a script that is not executable runs with bash FILE.`,
        ]
      : []),
  ];
}

function named(output: string, patterns: readonly RegExp[]): string[] {
  const names = patterns.flatMap((pattern) => [...output.matchAll(pattern)].map((match) => match[1] ?? ''));
  // "EACCES: permission denied, open 'x'" names x, not the code.
  return [...new Set(names)].filter((name) => !/^E[A-Z]+$/.test(name)).slice(0, MOST);
}
