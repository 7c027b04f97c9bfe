import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Layout } from './layout.ts';

/** Paths inside an isolated sandbox. */
export const inside = {
  workspace: '/workspace',
  home: '/home/agent',
  jobs: '/run/jobs',
  objects: '/run/objects',
  bin: '/run/bin',
};

/** The entries of /etc that programs need to start, to check certificates and, with network, to find hosts. */
const etc = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'fonts',
  'hosts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki',
  'protocols',
  'resolv.conf',
  'services',
  'ssl',
  'terminfo',
  'timezone',
];

const bind = (kind: string, from: string, to = from) => [kind, from, to];

/** The system's programs and libraries, read-only: /usr, and the folders beside it or links into it. */
export function systemMounts(): string[] {
  const beside = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap((name) => {
    const at = `/${name}`;
    if (!existsSync(at)) return [];
    return lstatSync(at).isSymbolicLink() ? ['--symlink', readlinkSync(at), at] : bind('--ro-bind', at);
  });
  return [...bind('--ro-bind', '/usr'), ...beside];
}

const ancestors = (file: string): string[] => {
  const above = path.dirname(file);
  return above === '/' ? [] : [...ancestors(above), above];
};

/** The running Node and its npm, when they are not part of the system; nothing else of the folders around them. */
function nodeMounts(): string[] {
  if (process.execPath.startsWith('/usr/')) return [];
  const bin = path.dirname(process.execPath);
  const prefix = path.dirname(bin);
  const npm = path.join(prefix, 'lib/node_modules/npm');
  const headers = path.join(prefix, 'include/node');
  const there = [process.execPath, npm, headers].filter((at) => existsSync(at));
  const links = existsSync(npm)
    ? ['npm', 'npx'].flatMap((name) => [
        '--symlink',
        `../lib/node_modules/npm/bin/${name}-cli.js`,
        path.join(bin, name),
      ])
    : [];
  return [
    ...there.flatMap((at) => [...ancestors(at).flatMap((dir) => ['--dir', dir]), ...bind('--ro-bind', at)]),
    ...links,
  ];
}

/** PATH inside: the platform's own commands first, Node, then the system's. */
export const insidePath = [
  inside.bin,
  ...(process.execPath.startsWith('/usr/') ? [] : [path.dirname(process.execPath)]),
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/**
 * Arguments of bubblewrap for a sandbox: the visible part of the file system, and separate namespaces.
 * @param objects the project's Git objects on the host, read-only inside.
 */
export function sandboxMounts(layout: Layout, access: 'read_write' | 'read_only', objects: string): string[] {
  return [
    ...[
      '--unshare-ipc',
      '--unshare-pid',
      '--unshare-net',
      '--unshare-uts',
      '--unshare-cgroup',
      '--hostname',
      'sandbox',
    ],
    ...['--cap-drop', 'ALL', '--as-pid-1', '--clearenv', '--setenv', 'PATH', insidePath],
    ...systemMounts(),
    // Created first: folders that bubblewrap itself creates on the way to a mount are closed to other users.
    ...['/etc', '/run', '/var'].flatMap((dir) => ['--dir', dir]),
    ...nodeMounts(),
    ...etc.flatMap((name) => bind('--ro-bind-try', `/etc/${name}`)),
    ...bind('--ro-bind', path.join(layout.etc, 'passwd'), '/etc/passwd'),
    ...bind('--ro-bind', path.join(layout.etc, 'group'), '/etc/group'),
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...bind('--bind', layout.tmp, '/tmp'),
    ...bind('--bind', layout.home, '/home'),
    ...bind(access === 'read_only' ? '--ro-bind' : '--bind', layout.workspace, inside.workspace),
    ...bind('--ro-bind', layout.jobs, inside.jobs),
    ...bind('--ro-bind', layout.bin, inside.bin),
    ...bind('--ro-bind', objects, inside.objects),
    ...['--symlink', '/tmp', '/var/tmp', '--chdir', '/', '--remount-ro', '/'],
  ];
}
