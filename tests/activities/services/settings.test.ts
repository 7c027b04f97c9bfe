import { refusedFlags } from '#workflows/domain/features.ts';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import { loadConfig, rootDir } from '#activities/services/config.ts';
import { configSchema } from '#activities/services/config-schema.ts';
import { clientNames, configFolderName, environmentNames } from '#activities/services/environment-names.ts';
import { readSettings } from '#activities/services/settings-file.ts';

const sections = Object.entries(configSchema.shape).filter(([, section]) => section instanceof z.ZodObject);
const keys = sections.flatMap(([name, section]) =>
  Object.keys((section as z.ZodObject).shape).map((key) => `${name}.${key}`),
);

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(rootDir, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!['node_modules', 'generated', 'build', 'sample'].includes(entry.name)) yield* sources(file);
    } else if (/\.tsx?$/.test(entry.name) && !file.endsWith('services/config-schema.ts')) yield file;
  }
}

/** The last name of `config.run`, or of `run`. */
const lastName = (node: ts.Node | undefined): string | undefined =>
  node && (ts.isIdentifier(node) ? node.text : ts.isPropertyAccessExpression(node) ? node.name.text : undefined);

/** Settings that a file reads: `config.run.max_turns`, `{ max_turns } = config.run`, or `config.run` passed as a whole. */
function readsOf(source: ts.SourceFile) {
  const read = new Set<string>();
  const whole = new Set<string>();
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      names.add(node.name.text);
      read.add(`${lastName(node.expression)}.${node.name.text}`);
      const used = ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node;
      if (!used && lastName(node.expression) === 'config') whole.add(node.name.text);
    }
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
      for (const element of node.name.elements) {
        const name = lastName(element.propertyName ?? element.name);
        if (name) read.add(`${lastName(node.initializer)}.${name}`);
      }
    }
    if (ts.isBindingElement(node)) names.add(lastName(node.propertyName ?? node.name) ?? '');
    // A contract names its limit: `rate_limit: 'forgot'`.
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.initializer)) {
      read.add(`${lastName(node.name)}s.${node.initializer.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { read, whole, names };
}

test('each setting is read somewhere', () => {
  const files = ['activities', 'server', 'temporal', 'workflows', 'prisma', 'scripts'].flatMap((room) => [
    ...sources(room),
  ]);
  const found = files.map((file) =>
    readsOf(ts.createSourceFile(file, readFileSync(path.join(rootDir, file), 'utf8'), ts.ScriptTarget.Latest, true)),
  );
  const unread = keys.filter((setting) => {
    const [section = '', key = ''] = setting.split('.');
    if (found.some(({ read }) => read.has(setting))) return false;
    return !(found.some(({ whole }) => whole.has(section)) && found.some(({ names }) => names.has(key)));
  });
  // A refused flag has no reader.
  const refused = Object.keys(refusedFlags).map((name) => `features.enable_${name}`);
  expect(unread.filter((setting) => !refused.includes(setting))).toEqual([]);
});

/** The names in .env.example, those in comments too. */
const examples = [
  ...readFileSync(path.join(rootDir, '.env.example'), 'utf8').matchAll(/^#?(?<name>[A-Z][A-Z0-9_]*)=/gm),
].map((match) => match.groups?.name ?? '');
const ofCompose = ['POSTGRES_PASSWORD', 'TEMPORAL_POSTGRES_PASSWORD', 'REPOSITORIES'];

test('.env.example names every fixed name, and only settings', () => {
  const fixed = [...Object.keys(environmentNames), ...clientNames, configFolderName];
  expect(fixed.filter((name) => !examples.includes(name))).toEqual([]);
  const settable = new Set([
    ...fixed,
    ...ofCompose,
    ...keys.map((key) => `OMOIOS_${key.replace('.', '_').toUpperCase()}`),
  ]);
  expect(examples.filter((name) => !settable.has(name))).toEqual([]);
});

test.each(readdirSync(path.join(rootDir, 'config')))('config/%s holds only settings', (file) => {
  const { tree } = readSettings(path.join(rootDir, 'config', file));
  const { error } = z.strictObject(configSchema.shape).partial().safeParse(tree);
  expect(error?.issues ?? []).toEqual([]);
});

test('the effort of a kind of session is set by its own name', () => {
  const { model } = loadConfig({}, { OMOIOS_MODEL_EFFORT_TASK: 'xhigh' });
  expect(model.effort).toMatchObject({ task: 'xhigh', phase: 'high', small: 'low' });
  expect(() => loadConfig({}, { OMOIOS_MODEL_EFFORT_TASK: 'much' })).toThrow(/OMOIOS_MODEL_EFFORT_TASK: /);
});

test('a heartbeat that is too slow for its timeout is refused', () => {
  expect(() => loadConfig({ temporal: { heartbeat: 5 } }, {})).toThrow(
    /temporal\.heartbeat: .*at most half of the heartbeat timeout of 5 s/,
  );
  expect(loadConfig({ temporal: { heartbeat: 2.5 } }, {}).temporal.heartbeat).toBe(2.5);
});

test('work needs to be paid for where payments are taken, unless the setting says otherwise', () => {
  const enforce = (env: Record<string, string>) => loadConfig({}, env).billing.enforce;
  expect(enforce({})).toBe(false);
  expect(enforce({ STRIPE_API_KEY: 'sk_test_of_nobody' })).toBe(true);
  expect(enforce({ STRIPE_API_KEY: 'sk_test_of_nobody', OMOIOS_BILLING_ENFORCE: 'false' })).toBe(false);
  expect(enforce({ OMOIOS_BILLING_ENFORCE: 'true' })).toBe(true);
});

test('production takes no payments of which it would not hear', () => {
  const production = { OMOIOS_ENV: 'production', ALLOW_EMBEDDED: '1', JWT_SECRET_KEY: 'x'.repeat(32) };
  expect(() => loadConfig({}, { ...production, STRIPE_API_KEY: 'sk_test_of_nobody' })).toThrow(
    /STRIPE_WEBHOOK_SECRET: .*\/api\/v1\/billing\/webhooks\/stripe/,
  );
  expect(() => loadConfig({}, { STRIPE_WEBHOOK_SECRET: 'whsec_of_nobody' })).toThrow(/STRIPE_API_KEY: /);
});
