import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { z } from 'zod';
import { rootDir } from '#activities/services/config.ts';
import { environmentLines } from '#scripts/cli/environment-lines.ts';
import { surveyProject, type environmentSchema } from '#server/contracts/environment.ts';
import { api, newProject, ownerKey, shared } from '#tests/support/shared.ts';

type Environment = z.output<typeof environmentSchema>;

interface Row {
  name: string;
  files: Record<string, string>;
  settings?: object;
  state: Environment['state'];
  /** The command that does not work, and its state. */
  command?: [command: string, state: string];
  what: string | RegExp;
  remedy: RegExp;
}

const npm = (test: string, more: object = {}) => ({
  'package.json': `${JSON.stringify({ name: 'broken', version: '1.0.0', type: 'module', scripts: { test }, ...more })}\n`,
});
const lock = (packages: object) => ({
  'package-lock.json': `${JSON.stringify({ name: 'broken', version: '1.0.0', lockfileVersion: 3, packages })}\n`,
});

/** A registry that lets nobody in. It runs beside the client, since a sandbox reaches no port of the machine. */
const registry = `import { createServer } from 'node:http';
createServer((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end()).listen(4873, '127.0.0.1');
`;

const rows: Row[] = [
  {
    name: 'a tool is missing',
    files: npm('frobnicate --check'),
    state: 'partly',
    command: ['npm test', 'broken'],
    what: 'frobnicate',
    remedy: /^Install frobnicate/,
  },
  {
    name: 'a package comes from a private registry',
    files: {
      ...npm('node --test', { dependencies: { secret: '1.0.0' } }),
      ...lock({
        '': { name: 'broken', version: '1.0.0', dependencies: { secret: '1.0.0' } },
        'node_modules/secret': { version: '1.0.0', resolved: 'http://127.0.0.1:4873/secret/-/secret-1.0.0.tgz' },
      }),
      'registry.js': registry,
      '.npmrc': 'registry=http://127.0.0.1:4873/\n',
    },
    settings: { setup: ['node registry.js & npm ci'] },
    state: 'failed',
    command: ['node registry.js & npm ci', 'failed'],
    what: 'access to a private registry',
    remedy: /operator/,
  },
  {
    name: 'the repository asks for another version',
    files: {
      ...npm('node --test', { engines: { node: '>=99' } }),
      ...lock({ '': { name: 'broken', version: '1.0.0', engines: { node: '>=99' } } }),
      '.npmrc': 'engine-strict=true\n',
    },
    settings: { setup: ['npm ci'] },
    state: 'failed',
    command: ['npm ci', 'failed'],
    what: 'another version of node',
    remedy: /version that the repository asks for/,
  },
  {
    name: 'there is no lock file',
    files: {
      ...npm('node --test', { dependencies: { part: 'file:./part' } }),
      'part/package.json': '{"name":"part","version":"1.0.0"}\n',
      'a.test.js': "import test from 'node:test';\ntest('a', () => {});\n",
    },
    state: 'partly',
    what: 'a lock file for package.json',
    remedy: /commit/,
  },
  {
    name: 'an installation fails',
    files: {
      ...npm('node --test', { scripts: { preinstall: 'echo no luck; exit 3', test: 'node --test' } }),
      ...lock({ '': { name: 'broken', version: '1.0.0' } }),
    },
    settings: { setup: ['npm ci'] },
    state: 'failed',
    command: ['npm ci', 'failed'],
    what: /^a set-up that works: `npm ci` ended with \d+$/,
    remedy: /Read its log/,
  },
  {
    name: 'a test never ends',
    files: npm(`node -e 'setInterval(() => {}, 1000)'`),
    settings: { survey: { check_seconds: 2 } },
    state: 'partly',
    command: ['npm test', 'too_long'],
    what: 'a command that ends in time: `npm test` was stopped after 2 s',
    remedy: /never ends.*slow/,
  },
  {
    name: 'the tests run in watch mode',
    files: { ...npm('node --watch test.js'), 'test.js': '' },
    state: 'partly',
    what: 'a test command that ends',
    remedy: /watches files.*test:ci/,
  },
  {
    name: 'a script asks a question',
    files: {
      ...npm('node ask.js'),
      'ask.js':
        "import { createInterface } from 'node:readline/promises';\nconst { stdin: input, stdout: output } = process;\nawait createInterface({ input, output }).question('Overwrite the files? (y/n) ');\n",
    },
    state: 'partly',
    command: ['npm test', 'failed'],
    what: 'a command that asks nothing: `npm test` waits for an answer',
    remedy: /--yes/,
  },
  {
    name: 'the tests need a database',
    files: npm(`node -e 'require("net").connect(5432, "127.0.0.1")'`),
    state: 'partly',
    command: ['npm test', 'failed'],
    what: 'a running PostgreSQL',
    remedy: /stand-in/,
  },
  {
    name: 'the tests need Docker',
    files: npm('docker ps'),
    state: 'partly',
    what: 'Docker',
    remedy: /no Docker engine/,
  },
];

describe('a repository in which', () => {
  let projects: Map<Row, string>;
  beforeAll(async () => {
    // They wait for one another in the queue of their surveys.
    const made = rows.map(async (row): Promise<[Row, string]> => {
      const { id } = await newProject(api(), row.files, row.settings);
      await api().call(surveyProject, { params: { id } });
      return [row, id];
    });
    projects = new Map(await Promise.all(made));
  });

  const omoios = (...args: string[]) =>
    execFileSync(process.execPath, [path.join(rootDir, 'scripts/cli/omoios.js'), ...args, '--api', shared.url], {
      encoding: 'utf8',
      env: { ...process.env, OMOIOS_API_KEY: ownerKey() },
    });

  test.each(rows)('$name: its survey says so, and what to do', async (row) => {
    const id = projects.get(row) ?? '';
    const now = await api().until<Environment>(
      `/projects/${id}/environment`,
      ({ state }) => state !== 'none' && state !== 'surveying',
    );
    const [root] = now.roots;
    const states = [
      ...(root?.checks ?? []).map(({ command, state }) => [command, state]),
      ...(root?.setup_steps ?? []).map(({ command, exit_code }) => [command, exit_code === 0 ? 'passed' : 'failed']),
    ];
    expect({ state: now.state, missing: root?.missing, states }).toEqual({
      state: row.state,
      missing: [
        { what: expect.stringMatching(row.what) as string, remedy: expect.stringMatching(row.remedy) as string },
      ],
      states: row.command ? (expect.arrayContaining([row.command]) as string[][]) : states,
    });
    const [missing] = root?.missing ?? [];
    const shown = environmentLines(now).join('\n');
    expect(shown).toContain(`  missing\n    ${missing?.what}\n      ${missing?.remedy}`);
  });

  test('the doctor prints the same', async () => {
    const [row] = rows;
    const id = (row && projects.get(row)) ?? '';
    const now = await api().until<Environment>(`/projects/${id}/environment`, ({ state }) => state === 'partly');
    expect(omoios('project', 'doctor', id)).toBe(`${environmentLines(now).join('\n')}\n`);
  });
});
