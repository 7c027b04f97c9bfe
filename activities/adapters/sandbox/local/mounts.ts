import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Layout } from './layout.ts';
import { inSystem, type Toolchains } from './toolchains/find.ts';
import type { Offered } from './toolchains/index.ts';

/** Paths inside an isolated sandbox. */
export const inside = {
  workspace: '/workspace',
  home: '/home/agent',
  jobs: '/run/jobs',
  objects: '/run/objects',
  bin: '/run/bin',
  /** Links to programs of the machine's tool chains. */
  tools: '/run/tools',
  /** The folder of node_modules of `run.sdk_folder`. It has a place of its own, since commands may write around the one outside. */
  sdk: '/run/agent-sdk/node_modules',
};

/** The entries of /etc that programs need to start, to check certificates and, with network, to find hosts. */
const etc = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  // Without it the chromium of Debian does not start.
  'chromium.d',
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

/** What tool chains of the system keep in /etc: of Java by its version, of Maven without settings that hold a password. */
function toolchainEtc(): string[] {
  const names = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  const hasSecret = (name: string) =>
    name === 'settings.xml' &&
    /<(password|passphrase|privateKey)>/.test(
      readFileSync(`/etc/maven/${name}`, 'utf8').replaceAll(/<!--[\s\S]*?-->/g, ''),
    );
  return [
    ...names('/etc').filter((name) => /^java(-[\w.-]+)?$/.test(name)),
    ...names('/etc/maven')
      .filter((name) => !hasSecret(name))
      .map((name) => `maven/${name}`),
    ...names('/etc/php')
      .flatMap((version) => [`php/${version}/cli`, `php/${version}/mods-available`])
      .filter((name) => existsSync(`/etc/${name}`)),
  ];
}

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

/** Shows a file or folder read-only at its own path. */
const showAt = (at: string) => [...ancestors(at).flatMap((dir) => ['--dir', dir]), ...bind('--ro-bind', at)];

/** Whether commands can write a folder around the path, so that nothing is mounted there. */
const isWritable = (at: string) => [inside.home, inside.workspace, '/tmp', '/var/tmp'].some((dir) => isBelow(at, dir));
const isBelow = (at: string, dir: string) => at === dir || at.startsWith(`${dir}/`);

/** The running Node and its npm, when they are not part of the system; nothing else of the folders around them. */
function nodeMounts({ shown }: Toolchains): string[] {
  if (inSystem(process.execPath) || shown.some((at) => isBelow(process.execPath, at))) return [];
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
  return [...there.flatMap(showAt), ...links];
}

/** The machine's tool chains: their folders, and the links to single programs. */
const toolchainMounts = ({ toolchains, links, packages, sdk }: Omit<Shown, 'access' | 'objects'>) => [
  ...[...toolchains.shown, ...packages.shown].filter((at) => !isWritable(at)).flatMap(showAt),
  ...bind('--ro-bind', links, inside.tools),
  ...(sdk ? ['--dir', path.dirname(inside.sdk), ...bind('--ro-bind', sdk, inside.sdk)] : []),
];

/** PATH inside: the platform's own commands first, then the tool chains as the worker's PATH has them, then the system's. */
export const pathInside = ({ path: folders }: Toolchains): string =>
  [
    ...new Set([
      inside.bin,
      inside.tools,
      ...folders,
      ...(inSystem(process.execPath) ? [] : [path.dirname(process.execPath)]),
      '/usr/local/sbin',
      '/usr/local/bin',
      '/usr/sbin',
      '/usr/bin',
      '/sbin',
      '/bin',
    ]),
  ].join(':');

interface Shown extends Offered {
  access: 'read_write' | 'read_only';
  /** The operator's folder of the Claude Agent SDK. */
  sdk?: string | undefined;
  /** The project's Git objects on the host, read-only inside. */
  objects: string;
}

/** Arguments of bubblewrap for a sandbox: the visible part of the file system, and separate namespaces. */
export function sandboxMounts(layout: Layout, { access, objects, ...offered }: Shown): string[] {
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
    ...['--cap-drop', 'ALL', '--as-pid-1', '--clearenv', '--setenv', 'PATH', pathInside(offered.toolchains)],
    ...systemMounts(),
    // Created first: folders that bubblewrap itself creates on the way to a mount are closed to other users.
    ...['/etc', '/run', '/var'].flatMap((dir) => ['--dir', dir]),
    ...etc.flatMap((name) => bind('--ro-bind-try', `/etc/${name}`)),
    ...toolchainEtc().flatMap((name) => showAt(`/etc/${name}`)),
    ...bind('--ro-bind', path.join(layout.etc, 'passwd'), '/etc/passwd'),
    ...bind('--ro-bind', path.join(layout.etc, 'group'), '/etc/group'),
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ...bind('--bind', layout.tmp, '/tmp'),
    // Created first: /home itself belongs to no command, so that tool chains of a person have a safe place beside it.
    ...['/home', inside.home].flatMap((dir) => ['--dir', dir]),
    ...bind('--bind', path.join(layout.home, 'agent'), inside.home),
    ...nodeMounts(offered.toolchains),
    ...toolchainMounts(offered),
    ...bind(access === 'read_only' ? '--ro-bind' : '--bind', layout.workspace, inside.workspace),
    ...bind('--ro-bind', layout.jobs, inside.jobs),
    ...bind('--ro-bind', layout.bin, inside.bin),
    ...bind('--ro-bind', objects, inside.objects),
    ...['--symlink', '/tmp', '/var/tmp', '--chdir', '/', '--remount-ro', '/'],
  ];
}
