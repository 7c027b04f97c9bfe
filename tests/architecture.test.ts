import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { rootDir } from '#activities/services/config.ts';

/** Who may import whom: folder, then what its files may import beside themselves. The first folder that fits counts. */
const rooms: [folder: string, may: RegExp[]][] = [
  ['workflows/domain', [/^zod$/, /^workflows\/contracts\/messages\.ts$/, /^type:workflows\/contracts\//]],
  ['workflows/contracts', [/^zod$/, /^@temporalio\/(workflow|common)$/, /^workflows\/domain\//]],
  ['workflows', [/^zod$/, /^@temporalio\/(workflow|common)$/, /^workflows\//, /^type:activities\//]],
  [
    'activities/ports',
    [/^zod$/, /^workflows\/(domain|contracts)\//, /^type:prisma\/(store|client)/, /^type:activities\//],
  ],
  [
    'activities/adapters',
    [/^node:/, /^activities\/(ports|support|adapters)\//, /^workflows\/(domain|contracts)\//, /^[@a-z]/],
  ],
  ['activities/services', [/.*/]],
  [
    'activities/support',
    [/^(node:.*|uuid)$/, /^@temporalio\/(activity|common)$/, /^activities\/ports\//, /^workflows\/domain\//],
  ],
  [
    'activities',
    [
      /^node:/,
      /^(zod|yaml|typescript)$/,
      /^@temporalio\/(activity|common)$/,
      /^activities\/(?!adapters|services)/,
      /^workflows\/(domain|contracts)\//,
      /^type:/,
      /^prisma\/store\/(money|messages)\.ts$/,
    ],
  ],
  [
    'prisma',
    [
      /^node:/,
      /^zod$/,
      /^pg$/,
      /^pgvector/,
      /^@prisma\//,
      /^@electric-sql\//,
      /^prisma\//,
      /^workflows\/(domain|contracts)\//,
      /^type:/,
    ],
  ],
  [
    'temporal',
    [
      /^node:/,
      /^@temporalio\//,
      /^temporal\//,
      /^workflows\/(contracts|domain)\//,
      /^activities\/(index|support\/\w+|services\/(config|index|addresses))\.ts$/,
      /^type:/,
    ],
  ],
  ['server/contracts', [/^zod$/, /^workflows\/(domain|contracts)\//, /^server\/contracts\//]],
  [
    'server/usecases',
    [
      /^node:/,
      /^@node-rs\/argon2$/,
      /^activities\/ports\//,
      /^workflows\/(domain|contracts)\//,
      /^server\/(usecases|contracts|http\/tokens\.ts)/,
      /^type:/,
    ],
  ],
  ['server/routes', [/^node:/, /^server\//, /^workflows\/domain\//, /^type:/]],
  [
    'server',
    [
      /^node:/,
      /^type:/,
      /^[@a-z]/,
      /^server\//,
      /^activities\/(ports|services|support)\//,
      /^workflows\/(domain|contracts)\//,
      /^temporal\//,
    ],
  ],
  ['web', [/^[@a-z~]/, /^node:/, /^server\/contracts\//, /^workflows\/domain\//, /^web\//]],
  [
    'scripts/cli',
    [
      /^node:/,
      /^[a-z@]/,
      /^scripts\//,
      /^server\/contracts\//,
      /^workflows\/domain\//,
      /^temporal\/(replay|dev-server)\.ts$/,
      /^activities\/(services|adapters\/model\/rehearsal)\//,
      /^activities\/support\/room\.ts$/,
    ],
  ],
];
const own = ['workflows', 'activities', 'server', 'web', 'prisma', 'temporal', 'scripts', 'tests'];

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(rootDir, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!['node_modules', 'generated', 'build', 'sample'].includes(entry.name)) yield* sources(name);
    } else if (/\.tsx?$/.test(entry.name)) yield name;
  }
}

/** What a file imports, own files by their path from the root; `type:` stands before what vanishes when it runs. */
function importsOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(rootDir, file), 'utf8'),
    ts.ScriptTarget.Latest,
    false,
  );
  const found: string[] = [];
  const add = (specifier: string, type: boolean) => {
    const name = specifier.startsWith('#')
      ? specifier.slice(1)
      : specifier.startsWith('.')
        ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
        : specifier;
    found.push(`${type ? 'type:' : ''}${name}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier))
      add(node.moduleSpecifier.text, node.importClause?.isTypeOnly ?? false);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
      add(node.moduleSpecifier.text, node.isTypeOnly);
    else if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      node.arguments[0] &&
      ts.isStringLiteral(node.arguments[0])
    )
      add(node.arguments[0].text, false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = own.filter((room) => room !== 'tests').flatMap((room) => [...sources(room)]);

describe('the house', () => {
  test.each(rooms)('%s imports only what it may know', (folder, may) => {
    const earlier = rooms
      .slice(
        0,
        rooms.findIndex(([name]) => name === folder),
      )
      .map(([name]) => `${name}/`);
    const mine = files.filter(
      (file) =>
        file.startsWith(`${folder}/`) &&
        !earlier.some((other) => other.startsWith(`${folder}/`) && file.startsWith(other)),
    );
    expect(mine.length).toBeGreaterThan(0);
    const wrong = mine.flatMap((file) =>
      importsOf(file)
        .filter((name) => {
          const bare = name.replace(/^type:/, '');
          const ours = own.some((room) => bare.startsWith(`${room}/`));
          if (bare.startsWith(`${folder}/`)) return false;
          // What only packages may match does not open our own rooms.
          return !may.some(
            (rule) =>
              (rule.test(name) || rule.test(bare)) &&
              (!ours || rule.source.includes('/') || rule.source === '.*' || rule.source === '^type:'),
          );
        })
        .map((name) => `${file} > ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the environment is read in one place', () => {
    const readers = files.filter((file) => /process\.env\b/.test(readFileSync(path.join(rootDir, file), 'utf8')));
    expect(readers).toEqual(['activities/services/config.ts', 'web/vite.config.ts']);
  });

  test('nothing is left for later', () => {
    const marks = files.filter((file) =>
      /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|\bas any\b/.test(readFileSync(path.join(rootDir, file), 'utf8')),
    );
    expect(marks).toEqual([]);
  });

  test('files stay short', () => {
    const lengths = files
      .map((file) => readFileSync(path.join(rootDir, file), 'utf8').split('\n').length)
      .sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
    expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThanOrEqual(250);
  });
});
