import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import dotenv from 'dotenv';
import type { z } from 'zod';
import { splitModel } from '#workflows/domain/agent/models.ts';
import { codeHostProviders } from '../adapters/code-host/index.ts';
import { embeddingsProviders } from '../adapters/embeddings/index.ts';
import { embeddingsProblems } from './config-embeddings.ts';
import { mailProviders } from '../adapters/mail/index.ts';
import { modelProviders } from '../adapters/model/index.ts';
import type { Provider } from '../adapters/provider.ts';
import { sandboxProviders } from '../adapters/sandbox/index.ts';
import { githubProblems } from './config-github.ts';
import { oauthProblems } from './config-oauth.ts';
import { stripeProblems } from './config-stripe.ts';
import { configSchema, nestedSettings, type Settings } from './config-schema.ts';
import { clientNames, configFolderName, environmentNames } from './environment-names.ts';
import { ConfigError, isTree, readSettings, type SettingsFile, type Tree } from './settings-file.ts';

export { ConfigError };

export const rootDir = path.resolve(import.meta.dirname, '../..');

/** The process environment, for starting programs. Settings come only from loadConfig. */
export const environment: NodeJS.ProcessEnv = process.env;

export interface Config extends Settings {
  /** Absolute. */
  data_dir: string;
  billing: Settings['billing'] & { enforce: boolean };
}

function merge(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return merged;
}

function place(tree: Tree, dotted: string, value: unknown): void {
  const [key = '', ...below] = dotted.split('.');
  if (below.length === 0) tree[key] = value;
  else place((tree[key] ??= {}) as Tree, below.join('.'), value);
}

function readDotenv(file: string): Record<string, string> {
  return existsSync(file) ? dotenv.parse(readFileSync(file)) : {};
}

const sections = Object.keys(configSchema.shape);

/** Turns OMOIOS_RUN_MAX_TURNS into run.max_turns; undefined when the name does not begin with a section. */
function settingOf(name: string): string | undefined {
  const fixed = environmentNames[name];
  if (fixed) return fixed;
  const rest = name.replace(/^OMOIOS_/, '').toLowerCase();
  const section = sections.filter((s) => rest.startsWith(`${s}_`)).sort((a, b) => b.length - a.length)[0];
  if (!section) return undefined;
  const key = rest.slice(section.length + 1);
  const dotted = `${section}.${key}`;
  const known = configSchema.shape[section as keyof Settings];
  if ('shape' in known && key in known.shape) return dotted;
  const nested = nestedSettings.find((setting) => dotted.startsWith(`${setting}_`));
  return nested ? `${nested}.${dotted.slice(nested.length + 1)}` : dotted;
}

function readEnvironment(
  env: Record<string, string | undefined>,
  problems: string[],
): { tree: Tree; source: Map<string, string> } {
  const tree: Tree = {};
  const source = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || clientNames.includes(name) || name === configFolderName) continue;
    if (!environmentNames[name] && !name.startsWith('OMOIOS_')) continue;
    const setting = settingOf(name);
    if (!setting) {
      problems.push(`${name} is not a setting. Remove it; .env.example lists all settings.`);
      continue;
    }
    place(tree, setting, value);
    source.set(setting, name);
  }
  return { tree, source };
}

/** The YAML files, in the order in which later ones override earlier ones. A folder that is set must exist. */
function settingsFiles(folder: string | undefined, name: string): SettingsFile[] {
  const dir = path.resolve(rootDir, folder || 'config');
  if (folder && !existsSync(dir))
    throw new ConfigError([
      `${configFolderName}: there is no folder ${dir}. Point it at the folder that holds base.yaml, or unset it.`,
    ]);
  return ['base', name.replace(/[^a-z]/g, '')].map((file) => readSettings(path.join(dir, `${file}.yaml`)));
}

/** @param where gives the name of a setting where it was set: an environment name, or file and line. */
function describe(issue: z.core.$ZodIssue, where: (dotted: string) => string): string[] {
  const dotted = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const full = dotted ? `${dotted}.${key}` : key;
      return `${where(full)} is not a setting. Remove it; activities/services/config-schema.ts and .env.example list all settings.`;
    });
  }
  return [`${where(dotted)}: ${issue.message}.`];
}

/**
 * Reads the settings. Precedence: explicit > environment > .env.local > .env > config/<env>.yaml > config/base.yaml.
 * @throws ConfigError naming every bad or unknown key.
 */
export function loadConfig(
  explicit: Tree = {},
  env: NodeJS.ProcessEnv | Record<string, string | undefined> = environment,
): Config {
  const problems: string[] = [];
  const files = { ...readDotenv(path.join(rootDir, '.env')), ...readDotenv(path.join(rootDir, '.env.local')) };
  const { tree, source } = readEnvironment({ ...files, ...env }, problems);
  const chosen = explicit.env ?? tree.env;
  const name = typeof chosen === 'string' ? chosen : 'local';
  const empty = Object.fromEntries(
    sections.filter((s) => configSchema.shape[s as keyof Settings].type === 'object').map((s) => [s, {}]),
  );
  const yaml = settingsFiles({ ...files, ...env }[configFolderName], name);
  const layered = [...yaml.map((file) => file.tree), tree, explicit].reduce(merge, empty);
  const parsed = configSchema.safeParse(layered);
  const where = (dotted: string) => {
    const line = yaml.map((file) => file.lineOf(dotted)).findLast(Boolean);
    return source.get(dotted) ?? (line ? `${line}: ${dotted}` : dotted);
  };
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => describe(issue, where)));
  if (problems.length > 0 || !parsed.data) throw new ConfigError(problems);
  const { billing, stripe } = parsed.data;
  const config = withModels(
    {
      ...parsed.data,
      billing: { ...billing, enforce: billing.enforce ?? stripe.api_key !== undefined },
      data_dir: path.resolve(rootDir, parsed.data.data_dir),
    },
    layered.model,
  );
  checkFallbacks(config);
  checkMail(config);
  checkSandbox(config);
  const sealing = { production: config.env === 'production', secretsKey: config.auth.secrets_key !== undefined };
  const problemsOfAccounts = [...oauthProblems(config.oauth, sealing), ...githubProblems(config.github, sealing)];
  if (problemsOfAccounts.length > 0) throw new ConfigError(problemsOfAccounts);
  const problemsOfStripe = stripeProblems(stripe, config.env === 'production');
  if (problemsOfStripe.length > 0) throw new ConfigError(problemsOfStripe);
  checkEmbeddings(config);
  checkProduction(config);
  return config;
}

/** The models of the chosen provider where the settings name none, and fallback models with their providers. */
function withModels(config: Config, given: unknown): Config {
  const main = choices(config).model?.provider ?? '';
  const models = modelProviders[main]?.default_models;
  const set = isTree(given) ? given : {};
  const names = Object.entries(models ?? {}).filter(([key]) => set[key] === undefined);
  const lists = Object.entries(fallbackLists(config.model));
  const full = Object.fromEntries(lists.map(([key, list]) => [key, list.map((name) => fullName(name, main))]));
  const { fallback_models = [], ...fallback } = full;
  return { ...config, model: { ...config.model, ...Object.fromEntries(names), fallback_models, fallback } };
}

/** `provider:id`. An id of the main provider may contain colons itself. */
const fullName = (name: string, main: string): string =>
  Object.hasOwn(modelProviders, name.slice(0, Math.max(0, name.indexOf(':')))) ? name : `${main}:${name}`;

/** The lists of fallback models by their settings. */
export function fallbackLists({
  fallback_models,
  fallback,
}: Pick<Settings['model'], 'fallback_models' | 'fallback'>): Record<string, string[]> {
  const kinds = Object.entries(fallback).flatMap(([kind, names]) => (names ? [[kind, names] as const] : []));
  return { fallback_models, ...Object.fromEntries(kinds) };
}

/** A fallback of another provider needs that provider's key. */
function checkFallbacks(config: Config): void {
  const main = choices(config).model?.provider ?? '';
  const problems = Object.entries(fallbackLists(config.model)).flatMap(([key, names]) =>
    names.flatMap((name) => {
      const { provider } = splitModel(name, main);
      const setting = key === 'fallback_models' ? 'OMOIOS_FALLBACK_MODELS' : `model.fallback.${key}`;
      if (provider === main || modelProviders[provider]?.configured?.(config)) return [];
      return [`${setting}: ${name} needs the key of ${provider}. Set it, or remove the model.`];
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}

function checkEmbeddings({ embeddings }: Config): void {
  const problems = embeddingsProblems(embeddings);
  if (problems.length > 0) throw new ConfigError(problems);
}

function checkMail({ mail: { smtp_url: url, provider } }: Config): void {
  if (url && !(/^smtps?:\/\/[^/]/.test(url) && URL.canParse(url)))
    throw new ConfigError([
      'SMTP_URL: must be smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the first byte.',
    ]);
  if (provider === 'smtp' && !url)
    throw new ConfigError(['SMTP_URL: MAIL_PROVIDER=smtp needs the mail server. Set it.']);
}

function checkSandbox({ sandbox, daytona }: Config): void {
  if (sandbox.provider === 'daytona' && !daytona.api_key)
    throw new ConfigError(['DAYTONA_API_KEY: SANDBOX_PROVIDER=daytona needs a key. Set it.']);
}

function checkProduction(config: Config): void {
  if (config.env !== 'production') return;
  const problems: string[] = [];
  if (!config.auth.jwt_secret || config.auth.jwt_secret.length < 32) {
    problems.push('JWT_SECRET_KEY: production needs a secret of at least 32 characters (openssl rand -hex 32).');
  }
  if (config.auth.secrets_key && config.auth.secrets_key.length < 32)
    problems.push('SECRETS_KEY: production needs a secret of at least 32 characters (openssl rand -hex 32).');
  if (config.mail.smtp_url && !config.auth.secrets_key)
    problems.push('SECRETS_KEY: the links in mails are stored encrypted. Set a key (openssl rand -hex 32).');
  for (const root of config.repo_roots ?? [])
    if (!root.includes('=') && !root.includes('{organization}'))
      problems.push(
        `OMOIOS_REPO_ROOTS: ${root} names no organization. Write SLUG=${root}, ${root}/{organization} for a folder each, or *=${root} for all.`,
      );
  if (!config.allow_embedded) {
    const embedded = Object.entries(choices(config)).filter(([, choice]) => choice.embedded);
    problems.push(
      ...embedded.map(
        ([part, { setting }]) =>
          `${setting}: production has no real ${part}. Set it, or allow the embedded one with ALLOW_EMBEDDED=1.`,
      ),
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

export interface Choice {
  provider: string;
  embedded: boolean;
  /** The setting that would choose the real service. */
  setting: string;
}

/**
 * Selects an embedded or a real service for each part. An explicit setting wins; otherwise a URL or key that is set
 * selects the real service.
 */
export function choices(config: Settings): Record<string, Choice> {
  return {
    database: {
      provider: config.database.url ? 'postgresql' : 'pglite',
      embedded: !config.database.url,
      setting: 'DATABASE_URL',
    },
    bus: { provider: config.redis.url ? 'redis' : 'in-process', embedded: !config.redis.url, setting: 'REDIS_URL' },
    temporal: {
      provider: config.temporal.address ? 'cluster' : 'dev-server',
      embedded: !config.temporal.address,
      setting: 'TEMPORAL_ADDRESS',
    },
    model: choose(modelProviders, config.model.provider, config, 'ANTHROPIC_API_KEY'),
    sandbox: choose(sandboxProviders, config.sandbox.provider, config, 'SANDBOX_PROVIDER'),
    code_host: choose(codeHostProviders, config.code_host.provider, config, 'CODE_HOST'),
    mail: choose(mailProviders, config.mail.provider, config, 'SMTP_URL'),
    embeddings: choose(embeddingsProviders, config.embeddings.provider, config, 'EMBEDDING_PROVIDER'),
  };
}

/** The named provider; otherwise the first configured one; otherwise the first embedded one. */
function choose(
  providers: Readonly<Record<string, Pick<Provider<unknown, unknown>, 'embedded' | 'configured'>>>,
  named: string | undefined,
  config: Settings,
  setting: string,
): Choice {
  const all = Object.entries(providers);
  const [first] = [
    ...all.filter(([name]) => name === named),
    ...all.filter(([, provider]) => provider.configured?.(config)),
    ...all.filter(([, provider]) => provider.embedded),
  ];
  return { provider: first?.[0] ?? '', embedded: first?.[1].embedded ?? false, setting };
}
