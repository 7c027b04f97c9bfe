import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { rootDir } from '#activities/services/config.ts';

/** Who may import whom: folder, then what its files may import beside themselves. The first folder that fits counts. */
const rooms: [folder: string, may: RegExp[]][] = [
  // luxon: times of the day in a person's time zone.
  ['workflows/domain', [/^zod$/, /^luxon$/]],
  ['workflows/contracts', [/^zod$/, /^@temporalio\/(workflow|common)$/, /^workflows\/domain\//]],
  ['workflows', [/^zod$/, /^@temporalio\/(workflow|common)$/, /^workflows\//, /^type:activities\//]],
  [
    'activities/ports',
    [/^zod$/, /^workflows\/(domain|contracts)\//, /^type:prisma\/(store|client)/, /^type:activities\//],
  ],
  [
    'activities/adapters',
    [
      /^node:/,
      /^activities\/(ports|support|adapters)\//,
      /^workflows\/(domain|contracts)\//,
      /^type:activities\/services\/config/,
      /^[@a-z]/,
    ],
  ],
  ['activities/services', [/.*/]],
  [
    'activities/support',
    [
      /^(node:.*|uuid|zod|image-size|p-retry|@opentelemetry\/api)$/,
      /^@temporalio\/(activity|common)$/,
      /^activities\/ports\//,
      /^workflows\/domain\//,
    ],
  ],
  [
    'activities',
    [
      /^node:/,
      /^(zod|yaml|typescript|smol-toml|fast-xml-parser|standardwebhooks)$/,
      /^@temporalio\/(activity|common)$/,
      /^activities\/(?!adapters|services)/,
      /^workflows\/(domain|contracts)\//,
      /^type:/,
    ],
  ],
  [
    'prisma',
    [
      /^node:/,
      /^zod$/,
      /^(pg|rate-limiter-flexible)$/,
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
      /^activities\/(index|support\/\w+|services\/(config|index|addresses|telemetry))\.ts$/,
      /^type:/,
    ],
  ],
  ['server/contracts', [/^zod$/, /^workflows\/(domain|contracts)\//, /^server\/contracts\//]],
  [
    'server/usecases',
    [
      /^node:/,
      /^(@node-rs\/argon2|diff|gitdiff-parser|otpauth|uqr|yaml)$/,
      /^p-retry$/,
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
      /^activities\/support\/disk-guard\.ts$/,
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

const imports = new Map<string, string[]>();

/** `import type { A }` and `import { type A }` alike. */
function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
}

/** The imports of a file, own files by their path from the root; `type:` marks an import that vanishes at run time. */
function importsOf(file: string): string[] {
  const known = imports.get(file);
  if (known) return known;
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
      add(node.moduleSpecifier.text, importsOnlyTypes(node.importClause));
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
  const { source } = all.get(file) as { source: ts.SourceFile };
  visit(source);
  imports.set(file, found);
  return found;
}

const files = own.filter((room) => room !== 'tests').flatMap((room) => [...sources(room)]);
const tests = [...sources('tests')];

/** Every source and test, read and parsed once. */
const all = new Map(
  [...files, ...tests].map((file) => {
    const text = readFileSync(path.join(rootDir, file), 'utf8');
    return [file, { text, source: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false) }] as const;
  }),
);

/** Where strings and templates are: prompts, SQL and URLs in them keep their own layout. */
function literalsOf(source: ts.SourceFile): [from: number, to: number][] {
  const found: [number, number][] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isRegularExpressionLiteral(node)
    )
      found.push([node.getStart(source), node.getEnd()]);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The length of a line without its strings, templates and URLs. */
function breakableLength(line: string, start: number, literals: [from: number, to: number][]): number {
  const inside = (at: number) => literals.some(([from, to]) => from <= at && at < to);
  const outside = [...line].filter((_, index) => !inside(start + index)).join('');
  return outside.replaceAll(/https?:\/\/\S+/g, '').length;
}

/** Casts to a string and casts by way of unknown. */
function castsOf(file: string): ts.AsExpression[] {
  const found: ts.AsExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node)) {
      const type = ts.isArrayTypeNode(node.type) ? node.type.elementType : node.type;
      const byUnknown =
        ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
      if (byUnknown || type.kind === ts.SyntaxKind.StringKeyword) found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  const source = all.get(file)?.source;
  if (source) visit(source);
  return found;
}

const valueImports = (file: string) => importsOf(file).filter((name) => !name.startsWith('type:') && all.has(name));

/** Groups of files that import each other, by Tarjan's algorithm; each group sorted. */
function circles(imports: Map<string, string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) as number);
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (path.includes(next)) low.set(file, Math.min(low.get(file) as number, low.get(next) as number));
    }
    if (low.get(file) !== index.get(file)) return;
    const group = path.splice(path.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of imports.keys()) if (!index.has(file)) visit(file);
  return found.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));
}

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
          // A rule without a slash is for packages and does not open our own rooms.
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
    const readers = files.filter((file) => /process\.env\b/.test(all.get(file)?.text ?? ''));
    // The process for git passes its whole environment on and reads no setting from it.
    expect(readers).toEqual([
      'activities/adapters/machine/process.ts',
      'activities/services/config.ts',
      'web/vite.config.ts',
    ]);
  });

  test('a source finds a file beside it by import.meta.dirname, which the compiled programs keep', () => {
    const places = files.filter((file) => /import\.meta\.(url|filename)\b/.test(all.get(file)?.text ?? ''));
    expect(places).toEqual([
      // It finds a package that a team may install.
      'activities/adapters/embeddings/local.ts',
      // It starts the program beside itself, compiled or not.
      'activities/adapters/machine/index.ts',
      // These find packages, which every file of the checkout sees.
      'server/app.ts',
      'prisma/migrator.ts',
    ]);
  });

  test('nothing is left for later', () => {
    const marks = files.filter((file) =>
      /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|\bas any\b/.test(all.get(file)?.text ?? ''),
    );
    expect(marks).toEqual([]);
  });

  test('a cast that the compiler cannot check is on this list', () => {
    // Parse the value, or narrow it with `present`. A cast that must stay has its reason in a comment beside it.
    expect(files.flatMap((file) => castsOf(file).map(() => file)).sort()).toEqual([
      'activities/adapters/model/request-body.ts',
      'activities/index.ts',
      'prisma/migrator.ts',
      'prisma/store/json.ts',
      'prisma/store/spec-record.ts',
      'prisma/store/tasks.ts',
      'server/contracts/contract.ts',
      'server/http/define-route.ts',
      'server/web.ts',
    ]);
  });

  test('files stay short', () => {
    const sizeOf = (file: string) => all.get(file)?.text.length ?? 0;
    const shareOver = (limit: number, among: string[]) =>
      among.filter((file) => sizeOf(file) >= limit).length / among.length;
    expect(shareOver(8_000, files)).toBeLessThanOrEqual(0.1);
    // A test is a list of examples: it may be longer than what it tests, but not as long as it likes.
    expect(shareOver(8_000, tests)).toBeLessThanOrEqual(0.3);
    const long = [...all.keys()].filter((file) => sizeOf(file) > 16_000).sort();
    // A file that was split leaves the list.
    expect(long).toEqual([]);
  });

  test('lines stay short', () => {
    let lines = 0;
    const long = [...all].flatMap(([file, { text, source }]) => {
      const split = text.split('\n');
      lines += split.length;
      const numbers = split.flatMap((line, index) => (line.length > 120 ? [index] : []));
      if (numbers.length === 0) return [];
      const literals = literalsOf(source);
      return numbers
        .filter(
          (index) =>
            breakableLength(split[index] ?? '', source.getPositionOfLineAndCharacter(index, 0), literals) > 120,
        )
        .map((index) => `${file}:${index + 1}`);
    });
    expect(long.length > lines * 0.005 ? long : []).toEqual([]);
  });

  test('no file imports itself by way of others', () => {
    expect(circles(new Map(files.map((file) => [file, valueImports(file)])))).toEqual([]);
  });

  test('a circle is found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
    ]);
    expect(circles(graph)).toEqual([['a', 'b', 'c']]);
  });
});
