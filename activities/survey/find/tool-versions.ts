import { z } from 'zod';
import type { WantedTool } from '#workflows/domain/survey/environment.ts';
import { lineOf, parseJson, parseJsonWithComments, parseToml } from './documents.ts';
import type { Folder } from './folder.ts';

/** Names that files use, and the program that they mean. */
const aliases: Record<string, string> = {
  nodejs: 'node',
  golang: 'go',
  'dotnet-core': 'dotnet',
  'dotnet-sdk': 'dotnet',
  openjdk: 'java',
};
const known = new Set(
  'node npm pnpm yarn bun deno python uv poetry go rust java maven gradle kotlin scala ruby bundler php composer dotnet just cmake ninja protoc elixir erlang zig'.split(
    ' ',
  ),
);

const text = z.string().optional().catch(undefined);
const table = z.record(z.string(), z.unknown()).catch({});
const packageSchema = z
  .object({ engines: table, volta: table, packageManager: text })
  .catch({ engines: {}, volta: {} });
const pyprojectSchema = z.object({ project: z.object({ 'requires-python': text }).catch({}) }).catch({ project: {} });
const poetrySchema = z
  .object({ tool: z.object({ poetry: z.object({ dependencies: z.object({ python: text }) }) }) })
  .transform(({ tool }) => tool.poetry.dependencies.python)
  .optional()
  .catch(undefined);
const rustSchema = z.object({ toolchain: z.object({ channel: text }).catch({}) }).catch({ toolchain: {} });
const cargoSchema = z.object({ package: z.object({ 'rust-version': text }).catch({}) }).catch({ package: {} });
const phpSchema = z.object({ require: z.object({ php: text }).catch({}) }).catch({ require: {} });
const sdkSchema = z.object({ sdk: z.object({ version: text }).catch({}) }).catch({ sdk: {} });
const miseSchema = z.object({ tools: table }).catch({ tools: {} });
const devcontainerSchema = z.object({ image: text, features: table }).catch({ features: {} });

type Found = [tool: string, version: string | undefined, line: number];
type Reader = (text: string, file: string) => Found[];

const oneLine =
  (tool: string): Reader =>
  (content) => {
    const version = content.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#'));
    return [[tool, version?.trim().replace(/^v(?=\d)/, ''), 1]];
  };

const jsonKey = (content: string, key: string) => lineOf(content, new RegExp(`"${key}"\\s*:`));

const versionOf = (value: unknown): string | undefined => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return versionOf(value.find((item) => typeof item === 'string'));
  return z.object({ version: z.string() }).safeParse(value).data?.version;
};

const pairs = (values: Record<string, unknown>, line: (name: string) => number): Found[] =>
  Object.entries(values)
    .slice(0, 50)
    .map(([name, value]) => [name, versionOf(value), line(name)]);

const mise: Reader = (content) =>
  pairs(miseSchema.parse(parseToml(content)).tools, (name) =>
    lineOf(content, new RegExp(`^\\s*"?${name.replace(/[^\w-]/g, '.')}"?\\s*=`), /\[tools\]/),
  );

/** The first match of a pattern in the lines of a file. */
const matched =
  (tool: string, pattern: RegExp): Reader =>
  (content) => {
    const version = content
      .split(/\r?\n/)
      .map((line) => pattern.exec(line.slice(0, 500))?.[1])
      .find((found) => found !== undefined);
    return version ? [[tool, version, lineOf(content, pattern)]] : [];
  };

const devcontainer: Reader = (content) => {
  const { image, features } = devcontainerSchema.parse(parseJsonWithComments(content));
  const [, name, version] = /\/(?:devcontainers\/)?([a-z]+)(?:-node)?:(?:\d+-)?(\d[\d.]*)/.exec(image ?? '') ?? [];
  const tool = { javascript: 'node', typescript: 'node' }[name ?? ''] ?? name;
  const found: Found[] = tool ? [[tool, version, jsonKey(content, 'image')]] : [];
  for (const [feature, options] of Object.entries(features).slice(0, 20)) {
    const named = /\/features\/([\w-]+)/.exec(feature)?.[1];
    if (named) found.push([named, versionOf(options), lineOf(content, new RegExp(`/features/${named}`))]);
  }
  return found.map(([one, wanted, line]) => [one, wanted === 'latest' ? undefined : wanted, line]);
};

/** Files that name versions, the most exact first. Of several that name one tool, the first counts. */
const readers: [file: string, read: Reader][] = [
  ['mise.toml', mise],
  ['.mise.toml', mise],
  [
    '.tool-versions',
    (content) =>
      content.split(/\r?\n/, 100).flatMap((line, at): Found[] => {
        const [name, version] = line.replace(/#.*/, '').trim().split(/\s+/);
        return name ? [[name, version, at + 1]] : [];
      }),
  ],
  ['.nvmrc', oneLine('node')],
  ['.node-version', oneLine('node')],
  ['.python-version', oneLine('python')],
  ['.ruby-version', (content) => oneLine('ruby')(content.replace(/^ruby-/, ''), '')],
  ['.java-version', oneLine('java')],
  [
    'package.json',
    (content) => {
      const { volta, packageManager, engines } = packageSchema.parse(parseJson(content));
      const [, client, version] = /^(\w+)@([^+\s]+)/.exec(packageManager ?? '') ?? [];
      const line = (name: string) =>
        lineOf(content, new RegExp(`"${name.replace(/[^\w-]/g, '.')}"\\s*:`), /"(volta|engines)"/);
      return [
        ...pairs(volta, line),
        ...(client ? [[client, version, jsonKey(content, 'packageManager')] satisfies Found] : []),
        ...pairs(engines, line),
      ];
    },
  ],
  [
    'pyproject.toml',
    (content) => {
      const parsed = parseToml(content);
      const version = pyprojectSchema.parse(parsed).project['requires-python'] ?? poetrySchema.parse(parsed);
      return version ? [['python', version, lineOf(content, /^\s*(requires-)?python\s*=/)]] : [];
    },
  ],
  ['setup.cfg', matched('python', /^python_requires\s*=\s*(\S.*)$/)],
  ['setup.py', matched('python', /\bpython_requires\s*=\s*["']([^"']+)["']/)],
  [
    'go.mod',
    (content) => [...matched('go', /^toolchain go(\S+)/)(content, ''), ...matched('go', /^go (\d\S*)/)(content, '')],
  ],
  ['go.work', matched('go', /^go (\d\S*)/)],
  [
    'rust-toolchain.toml',
    (content) => [['rust', rustSchema.parse(parseToml(content)).toolchain.channel, lineOf(content, /^\s*channel/)]],
  ],
  [
    'rust-toolchain',
    (content) => {
      const { channel } = rustSchema.parse(parseToml(content)).toolchain;
      return channel ? [['rust', channel, lineOf(content, /^\s*channel/)]] : oneLine('rust')(content, '');
    },
  ],
  [
    'Cargo.toml',
    (content) => {
      const version = cargoSchema.parse(parseToml(content)).package['rust-version'];
      return version ? [['rust', `>=${version}`, lineOf(content, /^\s*rust-version/)]] : [];
    },
  ],
  ['pom.xml', matched('java', /<(?:maven\.compiler\.(?:release|source)|java\.version)>\s*([\d.]+)\s*</)],
  ['build.gradle', matched('java', /(?:JavaLanguageVersion\.of\(|JavaVersion\.VERSION_)(\d+)/)],
  ['build.gradle.kts', matched('java', /(?:JavaLanguageVersion\.of\(|JavaVersion\.VERSION_)(\d+)/)],
  ['composer.json', (content) => [['php', phpSchema.parse(parseJson(content)).require.php, jsonKey(content, 'php')]]],
  [
    'global.json',
    (content) => [['dotnet', sdkSchema.parse(parseJson(content)).sdk.version, jsonKey(content, 'version')]],
  ],
  ['.devcontainer/devcontainer.json', devcontainer],
  ['.devcontainer.json', devcontainer],
];

export const versionFiles: readonly string[] = readers.map(([file]) => file);

/** Tools and their versions, as the files of a folder ask for them. */
export function toolVersions(folder: Folder): WantedTool[] {
  const found = new Map<string, WantedTool>();
  for (const [file, read] of readers) {
    const content = folder.text(file);
    if (content === undefined || content.length > 1_000_000) continue;
    for (const [name, version, line] of read(content.replace(/^\uFEFF/, ''), file)) {
      const tool = aliases[name] ?? name;
      // Only what a version can be: a person reads it, and a tool may be asked for it.
      const plain = version && /^[\w.+<>=~^|*, -]{1,60}$/.test(version) ? version : null;
      if (!known.has(tool) || found.has(tool) || (version !== undefined && plain === null)) continue;
      if (version === undefined && !/tool-versions|mise|devcontainer/.test(file)) continue;
      found.set(tool, { tool, version: plain, source: { file: folder.file(file), line } });
    }
  }
  return [...found.values()];
}
