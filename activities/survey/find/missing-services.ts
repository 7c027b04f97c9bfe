import { z } from 'zod';
import type { Missing } from '#workflows/domain/survey/environment.ts';
import { parseYaml } from './documents.ts';
import type { Folder } from './folder.ts';

/** Hosts that everybody can read from. */
const publicHosts =
  /(^|\.)(npmjs\.(org|com)|yarnpkg\.com|pypi\.org|pythonhosted\.org|crates\.io|rubygems\.org|nuget\.org|maven\.org|maven\.apache\.org|packagist\.org|jsr\.io|pytorch\.org)$/i;

/** Files that name registries, and what in one of their lines does. */
const registryFiles: [file: string, names: RegExp][] = [
  ['.npmrc', /^\s*(?:@[\w-]{1,50}:)?registry\s*=\s*(\S{1,300})/],
  ['.yarnrc.yml', /^\s*npmRegistryServer:\s*["']?([^\s"']{1,300})/],
  ['.yarnrc', /^\s*(?:"?@[\w-]{1,50}:)?registry"?\s+["']?([^\s"']{1,300})/],
  ['bunfig.toml', /^\s*registry\s*=\s*["']([^"']{1,300})/],
  ['pip.conf', /^\s*(?:extra-)?index-url\s*=\s*(\S{1,300})/],
  ['requirements.txt', /^\s*(?:--(?:extra-)?index-url|-i)[\s=]+(\S{1,300})/],
  ['pyproject.toml', /^\s*(?:url|index-url|default-index)\s*=\s*["'](https?:\/\/[^"']{1,300}\/simple\/?)["']/],
  ['.cargo/config.toml', /^\s*(?:index|registry)\s*=\s*["'](?:sparse\+)?(https?:[^"']{1,300})/],
  ['Gemfile', /^\s*source\s*\(?\s*["']([^"']{1,300})/],
  ['nuget.config', /<add\s[^>]{0,200}value="(https?:[^"]{1,300})"/i],
  ['settings.xml', /<url>\s*(https?:[^<\s]{1,300})/],
  ['.mvn/settings.xml', /<url>\s*(https?:[^<\s]{1,300})/],
];
const tokenFiles: [file: string, token: RegExp][] = [
  ['.npmrc', /_auth(Token)?\s*=\s*\S/],
  ['.yarnrc.yml', /npmAuthToken:/],
];

const lines = (text: string | undefined) =>
  (text ?? '')
    .slice(0, 500_000)
    .split(/\r?\n/)
    .map((line) => line.slice(0, 1000));

/** Registries of an organization, which nobody else can read from. Only the host is named: an address may hold a token. */
export function privateRegistries(folder: Folder): Missing[] {
  const missing: Missing[] = [];
  const remedy = (file: string) =>
    `${file} names it, and it may be private. No token of a registry enters a sandbox: ask the operator for a mirror that holds the token (docs/operations.md). The token does not belong in the repository.`;
  for (const [name, pattern] of registryFiles) {
    const hosts = lines(folder.text(name))
      .map((line) => pattern.exec(line)?.[1])
      .map((url) => (url ? /^https?:\/\/(?:[^/@]*@)?([\w.-]{1,200})/.exec(url)?.[1] : undefined))
      .filter((host) => host !== undefined && !publicHosts.test(host));
    for (const host of new Set(hosts))
      missing.push({ what: `access to the registry ${host ?? ''}`, remedy: remedy(folder.file(name)) });
  }
  for (const [name, pattern] of tokenFiles)
    if (lines(folder.text(name)).some((line) => pattern.test(line)) && missing.length === 0)
      missing.push({ what: `a token for the registry of ${folder.file(name)}`, remedy: remedy(folder.file(name)) });
  return missing.slice(0, 10);
}

export const registryNames: readonly string[] = registryFiles.map(([file]) => file);

export const composeFiles = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml'];

const composeSchema = z
  .object({ services: z.record(z.string(), z.unknown()).catch({}) })
  .catch({ services: {} })
  .transform((value) => Object.keys(value.services));

const manifests = [
  'package.json',
  'pyproject.toml',
  'requirements.txt',
  'requirements-dev.txt',
  'go.mod',
  'Cargo.toml',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Gemfile',
];

/** Services that tests need and that a sandbox does not have. */
export function neededServices(folder: Folder, ciTexts: [file: string, text: string][]): Missing[] {
  const missing: Missing[] = [];
  const manifest = manifests.find((name) => /testcontainers/i.test(folder.text(name) ?? ''));
  if (manifest)
    missing.push({
      what: 'Docker for Testcontainers',
      remedy: `${folder.file(manifest)} uses Testcontainers, and a sandbox has no Docker. Name a check without these tests in the project's setting "checks", or let the tests use a service at an address that the operator allows.`,
    });
  const used = ([, text]: [string, string]) => /docker[- ]compose\b/.test(text);
  const compose = composeFiles.find((name) => folder.has(name));
  const callers: [string, string][] = [
    ...ciTexts,
    [folder.file('package.json'), folder.text('package.json') ?? ''],
    [folder.file('Makefile'), folder.text('Makefile') ?? ''],
  ];
  const caller = compose ? callers.find(used) : undefined;
  if (compose && caller) {
    const services = composeSchema.parse(parseYaml(folder.text(compose))).filter((name) => /^[\w.-]{1,40}$/.test(name));
    const named = services.length > 0 ? ` (${services.slice(0, 6).join(', ')})` : '';
    missing.push({
      what: `Docker for the services of ${folder.file(compose)}${named}`,
      remedy: `${caller[0]} starts them, and a sandbox has no Docker. Name a check that runs without them in the project's setting "checks", or start them in its set-up.`,
    });
  }
  const ci = ciTexts.find(([, text]) => ciServices(text).length > 0);
  if (ci)
    missing.push({
      what: `the services ${ciServices(ci[1]).join(', ')}`,
      remedy: `The jobs of ${ci[0]} have them, and a sandbox starts none. Start them in the set-up commands of the project, name a check without the tests that need them, or let the tests skip what needs them.`,
    });
  return missing;
}

/** Images of databases and queues that a CI file names. */
function ciServices(text: string): string[] {
  if (!/^\s{0,20}services:/m.test(text)) return [];
  const image =
    /(?:image:\s*|-\s+|name:\s*)["']?(?:[\w./-]{1,80}\/)?(postgres|postgis|mysql|mariadb|redis|valkey|mongo|rabbitmq|elasticsearch|opensearch|kafka|memcached|localstack|minio)\b/;
  const found = lines(text).map((line) => image.exec(line)?.[1]);
  return [...new Set(found.filter((name) => name !== undefined))].slice(0, 6);
}
