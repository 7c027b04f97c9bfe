import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandSpec } from '../../../ports/sandbox.ts';
import type { Holder } from './holder.ts';
import type { Layout } from './layout.ts';
import type { PackageSettings } from './packages/collect.ts';

/** Public hosts of packages and of what their installers download: `network: registries` reaches these. */
export const registries = [
  ...['registry.npmjs.org', 'registry.yarnpkg.com', 'npm.jsr.io', 'nodejs.org', '*.nodejs.org'],
  ...['pypi.org', 'files.pythonhosted.org', 'pythonhosted.org', 'bootstrap.pypa.io'],
  ...['proxy.golang.org', 'sum.golang.org', 'go.dev', 'storage.googleapis.com'],
  ...['crates.io', 'index.crates.io', 'static.crates.io', 'static.rust-lang.org'],
  ...['repo.maven.apache.org', 'repo1.maven.org', 'plugins.gradle.org', 'plugins-artifacts.gradle.org'],
  ...['services.gradle.org', 'downloads.gradle.org', 'dl.google.com', 'maven.google.com'],
  ...['rubygems.org', 'index.rubygems.org', 'packagist.org', 'repo.packagist.org'],
  ...['api.nuget.org', 'globalcdn.nuget.org', 'hex.pm', 'repo.hex.pm', 'builds.hex.pm', 'deno.land', 'jsr.io'],
];

/** A name that no public network has (it is reserved for private use): the proxy knows it, and no resolver. */
const platformHost = 'omoios.internal';

/** Without isolation there is no proxy that would keep a command to its paths. */
export const platformUrlFor = (isolated: boolean, apiUrl: string | undefined): string | undefined =>
  isolated && apiUrl ? `http://${platformHost}` : undefined;

const proxy = 'http://127.0.0.1:3128';
const javaProxy = ['http', 'https'].flatMap((scheme) => [
  `-D${scheme}.proxyHost=127.0.0.1`,
  `-D${scheme}.proxyPort=3128`,
]);
const local = 'localhost,127.0.0.1,::1';

/** Variables by which clients use the proxy of a command with network. */
export const networkEnvironment: Record<string, string> = {
  ...Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'YARN_HTTP_PROXY', 'YARN_HTTPS_PROXY'].map((name) => [name, proxy]),
  ),
  ...Object.fromEntries(['http_proxy', 'https_proxy', 'all_proxy'].map((name) => [name, proxy])),
  NO_PROXY: local,
  no_proxy: local,
  // Since Node 22.21 its fetch uses the proxy.
  NODE_USE_ENV_PROXY: '1',
  MAVEN_OPTS: javaProxy.join(' '),
  GRADLE_OPTS: javaProxy.join(' '),
};

/** Maven 3.9 reads its proxy only from here. */
const mavenProxies = `<proxies>${['http', 'https']
  .map(
    (scheme) =>
      `<proxy><id>${scheme}</id><active>true</active><protocol>${scheme}</protocol><host>127.0.0.1</host><port>3128</port></proxy>`,
  )
  .join('')}</proxies>`;

/** The files of the home folder, with Maven's proxy. */
export function withMavenProxy(files: Record<string, string>): Record<string, string> {
  const settings = files['.m2/settings.xml'] ?? '<settings></settings>';
  return { ...files, '.m2/settings.xml': settings.replace('<settings>', `<settings>${mavenProxies}`) };
}

/**
 * Writes what a command may reach, where no command sees it: it may hold the password of the machine's proxy.
 * @param allow hosts, host:port, addresses and networks that the operator lists.
 * @param platform the platform's address, and the beginning of the paths that the command may call there.
 * @returns the file's path.
 */
export async function writePolicy(
  layout: Layout,
  holder: Holder,
  network: Exclude<CommandSpec['network'], 'none'>,
  {
    packages,
    allow,
    platform,
  }: { packages: PackageSettings; allow: string[]; platform: { url: string; path: string } | null },
): Promise<string> {
  // A file of its own: another command must not find these paths in its policy.
  const file = path.join(layout.root, `network-${network}${platform ? '-platform' : ''}.json`);
  const user = `/proc/${holder.owner}/ns/user`;
  const policy = {
    enter: [
      ...['nsenter', `--user=${user}`, '--preserve-credentials', '--'],
      // It brings the loopback interface of a new namespace up, which `unshare` does not.
      ...['bwrap', '--dev-bind', '/', '/', '--unshare-net', '--die-with-parent', '--', process.execPath],
    ],
    sandbox: user,
    names: network === 'full' ? null : network === 'registries' ? registries : [],
    allow: network === 'platform' ? [] : [...allow, ...packages.hosts],
    proxy: packages.proxy,
    platform: platform && { ...platform, host: platformHost },
  };
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, JSON.stringify(policy), { mode: 0o600 });
  await rename(fresh, file);
  return file;
}
