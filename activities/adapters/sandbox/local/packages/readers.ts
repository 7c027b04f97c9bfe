import path from 'node:path';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { parse, stringify, type TomlTable, type TomlValue } from 'smol-toml';
import { z } from 'zod';
import type { Collector } from './collect.ts';

const lines = (text: string) => text.split('\n').map((line) => line.trim());
const assignment = (line: string) => /^([^#;[=][^=]*?)\s*=\s*(.*)$/.exec(line)?.slice(1) ?? [];

/** npm's own and the person's .npmrc: registries and certificates. */
export function readNpm(collector: Collector): void {
  const { environment } = collector;
  const own = environment.NPM_CONFIG_USERCONFIG ?? environment.npm_config_userconfig ?? '.npmrc';
  const kept: string[] = [];
  for (const file of ['/etc/npmrc', own])
    for (const line of lines(collector.text(file) ?? '')) {
      const [key = '', value = ''] = assignment(line);
      const where = `${key} in ${file}`;
      if (/^(https?-)?proxy$/.test(key)) collector.proxy(value);
      else if (key === 'noproxy') collector.exceptions(value);
      else if (/^((@[\w.~-]+:)?registry|strict-ssl|ca(\[\])?)$/.test(key))
        keep(kept, key, collector.value(where, value));
      else if (key === 'cafile') keep(kept, key, collector.certificates(where, value));
      else if (/_auth|_password|username|certfile|keyfile/i.test(key)) collector.leaveOut(where, 'it is a credential');
    }
  collector.file('.npmrc', kept.join('\n'));
}

function keep(kept: string[], key: string, value: string | undefined): void {
  if (value !== undefined) kept.push(`${key}=${value}`);
}

/** pip's files. A value may continue on the lines below it. */
export function readPip(collector: Collector): void {
  const found: Record<string, string> = {};
  const files = ['/etc/pip.conf', '.pip/pip.conf', '.config/pip/pip.conf', collector.environment.PIP_CONFIG_FILE ?? ''];
  for (const file of files.filter(Boolean)) {
    const text = (collector.text(file) ?? '').replaceAll(/\n[ \t]+(?=\S)/g, ' ');
    for (const line of lines(text)) {
      const [key = '', value = ''] = assignment(line);
      const where = `${key} in ${file}`;
      const kept =
        key === 'cert'
          ? collector.certificates(where, value)
          : key === 'find-links'
            ? collector.folder(where, value)
            : /^(index-url|extra-index-url|trusted-host|timeout|retries)$/.test(key)
              ? collector.value(where, value)
              : undefined;
      if (kept !== undefined) found[key] = kept.split(/\s+/).join('\n  ');
      if (key === 'proxy') collector.proxy(value);
    }
  }
  const all = Object.entries(found).map(([key, value]) => `${key} = ${value}`);
  if (all.length > 0) collector.file('.config/pip/pip.conf', ['[global]', ...all, ''].join('\n'));
}

/** Go's file of variables. */
export function readGo(collector: Collector, names: RegExp): void {
  const file = collector.environment.GOENV ?? '.config/go/env';
  for (const line of lines(collector.text(file) ?? '')) {
    const [key = '', value = ''] = assignment(line);
    if (names.test(key)) collector.variable(key, collector.value(`${key} in ${file}`, value));
  }
}

const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);

function toml(collector: Collector, file: string): TomlTable {
  try {
    return parse(collector.text(file) ?? '');
  } catch {
    collector.leaveOut(file, 'it is not valid TOML');
    return {};
  }
}

/** The entries of a table with these keys whose values hold no secret. */
function pick(collector: Collector, where: string, table: TomlValue | undefined, keys: RegExp): TomlTable {
  const kept: TomlTable = {};
  for (const [key, value] of Object.entries(isTable(table) ? table : {}))
    if (keys.test(key) && collector.value(`${key} in ${where}`, JSON.stringify(value)) !== undefined) kept[key] = value;
  return kept;
}

/** uv's file: indexes by name or as single URLs. */
export function readUv(collector: Collector): void {
  const file = '.config/uv/uv.toml';
  const all = toml(collector, file);
  const single = /^(index-url|extra-index-url|native-tls|system-certs|allow-insecure-host|python-install-mirror)$/;
  const named = Array.isArray(all.index) ? all.index : [];
  const index = named
    .map((entry) => pick(collector, `index of ${file}`, entry, /^(name|url|default|explicit|format)$/))
    .filter((entry) => entry.url !== undefined);
  collector.file(file, stringify({ ...pick(collector, file, all, single), ...(index.length > 0 ? { index } : {}) }));
}

/** Cargo's file: where crates come from. */
export function readCargo(collector: Collector): void {
  const folder = collector.environment.CARGO_HOME ?? '.cargo';
  const file = ['config.toml', 'config'].map((name) => path.join(folder, name)).find((at) => collector.text(at));
  if (!file) return;
  const all = toml(collector, file);
  const each = (name: string, keys: RegExp): TomlTable =>
    Object.fromEntries(
      Object.entries(isTable(all[name]) ? all[name] : {}).map(([key, table]) => [
        key,
        pick(collector, `${name}.${key} of ${file}`, table, keys),
      ]),
    );
  const http = isTable(all.http) ? all.http : {};
  const cainfo = typeof http.cainfo === 'string' ? collector.certificates(`cainfo in ${file}`, http.cainfo) : undefined;
  if (typeof http.proxy === 'string') collector.proxy(http.proxy);
  const kept = {
    source: each('source', /^(registry|replace-with|directory|local-registry)$/),
    registries: each('registries', /^index$/),
    registry: pick(collector, file, all.registry, /^default$/),
    http: { ...pick(collector, file, http, /^(check-revoke|timeout|multiplexing)$/), ...(cainfo ? { cainfo } : {}) },
    net: pick(collector, file, all.net, /^(retry|git-fetch-with-cli)$/),
  };
  const filled = Object.fromEntries(Object.entries(kept).filter(([, table]) => Object.keys(table).length > 0));
  collector.file('.cargo/config.toml', stringify(filled));
}

type Xml = Record<string, unknown>;
const settingsSchema = z.object({ settings: z.record(z.string(), z.unknown()).catch({}) }).catch({ settings: {} });
const listOf = (value: unknown): Xml[] =>
  (Array.isArray(value) ? value : [value]).filter((entry): entry is Xml => typeof entry === 'object' && entry !== null);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Maven's mirrors, its repositories by profile, and its proxy. */
export function readMaven(collector: Collector): void {
  const file = '.m2/settings.xml';
  const text = collector.text(file);
  if (!text) return;
  const { settings } = settingsSchema.parse(new XMLParser({ parseTagValue: false }).parse(text));
  const under = (parent: unknown, list: string, entry: string) =>
    listOf(parent).flatMap((one) => listOf(one[list]).flatMap((below) => listOf(below[entry])));
  const usable = (entry: Xml) =>
    collector.value(`${textOf(entry.id) || 'a URL'} in ${file}`, textOf(entry.url)) !== undefined;
  const repositories = (profile: Xml, list: string, entry: string) => ({
    [list]: {
      [entry]: under(profile, list, entry)
        .filter(usable)
        .map(({ id, url, releases, snapshots }) => ({ id, url, releases, snapshots })),
    },
  });
  for (const proxy of under(settings, 'proxies', 'proxy'))
    if (proxy.active !== 'false') {
      const user = [proxy.username, proxy.password].map(textOf).map(encodeURIComponent).join(':');
      collector.proxy(`http://${user === ':' ? '' : `${user}@`}${textOf(proxy.host)}:${textOf(proxy.port)}`);
    }
  if (under(settings, 'servers', 'server').length > 0) collector.leaveOut(`servers in ${file}`, 'they are credentials');
  const kept = {
    mirrors: {
      mirror: under(settings, 'mirrors', 'mirror')
        .filter(usable)
        .map(({ id, name, url, mirrorOf }) => ({ id, name, url, mirrorOf })),
    },
    profiles: {
      profile: under(settings, 'profiles', 'profile').map((profile) => ({
        id: profile.id,
        activation: profile.activation,
        ...repositories(profile, 'repositories', 'repository'),
        ...repositories(profile, 'pluginRepositories', 'pluginRepository'),
      })),
    },
    activeProfiles: settings.activeProfiles,
  };
  collector.file(file, new XMLBuilder({ suppressEmptyNode: true }).build({ settings: kept }));
}

/** Files in which one line names the registry. */
export function readSimple(collector: Collector): void {
  const rules = [
    ['.yarnrc.yml', /^npmRegistryServer:\s*\S+$/],
    ['.yarnrc', /^(registry|cafile) \S+$/],
    ['.bundle/config', /^BUNDLE_MIRROR__\S+: \S+$/],
  ] as const;
  for (const [file, pattern] of rules) {
    const kept = lines(collector.text(file) ?? '').filter(
      (line) => pattern.test(line) && collector.value(`${line.split(/[: ]/)[0]} in ${file}`, line) !== undefined,
    );
    collector.file(file, kept.join('\n'));
  }
}
