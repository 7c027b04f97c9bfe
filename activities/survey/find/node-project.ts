import { z } from 'zod';
import type { FoundCheck, FoundCommand, Missing } from '#workflows/domain/survey/environment.ts';
import { lineOf, parseJson } from './documents.ts';
import { check, type FoundPart, noLock, noTests, unreadable } from './ecosystem.ts';
import { fitsPattern, isPlainPath, type Folder } from './folder.ts';
import { endingTest, publishes } from './node-scripts.ts';

const names = z.record(z.string(), z.unknown()).catch({});
const maybeText = z.string().optional().catch(undefined);
const globs = z.array(z.string().catch('')).catch([]);

/** A package.json may hold any value: a part that is not as npm wants it counts as absent. */
const manifestSchema = z.object({
  name: maybeText,
  packageManager: maybeText,
  scripts: names,
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  workspaces: z.union([globs, z.object({ packages: globs }).transform((value) => value.packages)]).catch([]),
});
export type NodeManifest = z.infer<typeof manifestSchema>;

/** undefined: it does not exist or cannot be read. */
export function nodeManifest(folder: Folder, below = ''): NodeManifest | undefined {
  return manifestSchema.safeParse(parseJson(folder.text(`${below}package.json`))).data;
}

/** How one client of the registry installs packages and runs scripts. */
export interface NodeClient {
  name: string;
  lockFiles: string[];
  /** The set-up command; `locked`: one of the lock files exists. */
  install(folder: Folder, manifest: NodeManifest, locked: boolean): string;
  /** Runs a script of package.json with further arguments. */
  script(name: string, args: string): string;
  /** Runs a program of an installed package, and never downloads it. */
  run(program: string): string;
  /** Runs the test scripts of all workspace members that have one; undefined: it cannot leave out the others. */
  members?(folder: Folder, manifest: NodeManifest): string;
  /** Runs the test script of one member. */
  member(path: string): string;
}

const lintNames = ['lint', 'lint:check', 'lint:ci', 'eslint'];
const typeNames = [
  'typecheck',
  'type-check',
  'types',
  'check-types',
  'check:types',
  'types:check',
  'lint:types',
  'tsc',
];
const runners = { vitest: 'vitest run', jest: 'jest', mocha: 'mocha', ava: 'ava' };
const testFiles = /(^|\/)(__tests__\/.*|[^/]+[._](test|spec))\.[cm]?[jt]sx?$/;

const scriptText = (manifest: NodeManifest, name: string): string | undefined => {
  const text = Object.hasOwn(manifest.scripts, name) ? manifest.scripts[name] : undefined;
  if (typeof text !== 'string' || text.length > 5000) return undefined;
  return text.trim() !== '' && !publishes(text) ? text : undefined;
};

const scriptLine = (text: string | undefined, name: string): number =>
  lineOf(text, new RegExp(`"${name.replace(/[^\w-]/g, '.')}"\\s*:`), /"scripts"/);

export function isWorkspaceMember(patterns: string[], below: string): boolean {
  const fits = (pattern: string) => fitsPattern(pattern, below);
  return patterns.some(fits) && !patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)));
}

/** The commands of a package.json for one client. */
export function findNodeProject(folder: Folder, client: NodeClient, patterns: string[]): FoundPart {
  const manifest = nodeManifest(folder);
  if (!manifest) return unreadable(folder, 'package.json', 'JSON');
  const text = folder.text('package.json');
  const file = folder.file('package.json');
  const missing: Missing[] = [];
  const lock = client.lockFiles.find((name) => folder.has(name));
  const dependencies = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const setup: FoundCommand[] = [];
  if (Object.keys(dependencies).length > 0 || patterns.length > 0) {
    setup.push({
      command: client.install(folder, manifest, lock !== undefined),
      source: { file: lock ? folder.file(lock) : file, line: 1 },
    });
    if (!lock)
      missing.push(noLock(file, `Run "${client.name} install" and commit ${client.lockFiles[0] ?? 'the lock file'}.`));
  }
  const checks: FoundCheck[] = [];
  const add = (purpose: FoundCheck['purpose'], known: string[], unfit: RegExp) => {
    const name = known.find((one) => {
      const script = scriptText(manifest, one);
      return script !== undefined && !unfit.test(script);
    });
    if (name) checks.push(check(purpose, client.script(name, ''), file, scriptLine(text, name)));
  };
  const test = endingTest((name) => scriptText(manifest, name));
  if (test.name)
    checks.push(
      check('test', `${test.prefix}${client.script(test.name, test.args)}`, file, scriptLine(text, test.name)),
    );
  else if (test.endless) missing.push(endlessTest(file));
  else checks.push(...memberTests(folder, client, manifest, patterns));
  if (!test.endless && checks.length === 0) checks.push(...runnerTest(folder, client, dependencies));
  if (!test.endless && checks.length === 0) missing.push(noTests(`Add a script "test" to ${file}.`));
  add('types', typeNames, /--watch\b|\s-w\b/);
  // A linter that fixes changes the work that it should judge.
  add('lint', lintNames, /--fix\b|--write\b|--watch\b/);
  add('build', ['build'], /--watch\b|\s-w\b/);
  return { setup, checks, tools: [], missing, run: (program) => client.run(program) };
}

const endlessTest = (file: string): Missing => ({
  what: 'a test command that ends',
  remedy: `The script "test" of ${file} watches files for ever. Add a script "test:ci" that runs the tests once, or name the command in the project's setting "checks".`,
});

const maxMembers = 10;

/** Tests of workspace members, where the root has no script for them. */
function memberTests(folder: Folder, client: NodeClient, manifest: NodeManifest, patterns: string[]): FoundCheck[] {
  if (patterns.length === 0) return [];
  const members = folder
    .find(/^.+\/package\.json$/, 300)
    .map((name) => name.slice(0, -'/package.json'.length))
    .filter((below) => isWorkspaceMember(patterns, below) && isPlainPath(below))
    .filter((below) => {
      const member = nodeManifest(folder, `${below}/`);
      return member && endingTest((name) => scriptText(member, name)).name === 'test';
    });
  const line = (below: string) => scriptLine(folder.text(`${below}/package.json`), 'test');
  const [first] = members;
  if (!first) return [];
  // A member's own check has its tests by name. Many at once count as one test.
  if (client.members && members.length > maxMembers)
    return [check('test', client.members(folder, manifest), folder.file(`${first}/package.json`), line(first))];
  return members
    .slice(0, maxMembers)
    .map((below) => check('test', client.member(below), folder.file(`${below}/package.json`), line(below)));
}

/** A test runner that is installed and has test files, without a script that names it. */
function runnerTest(folder: Folder, client: NodeClient, dependencies: Record<string, unknown>): FoundCheck[] {
  const runner = Object.entries(runners).find(([name]) => Object.hasOwn(dependencies, name));
  if (!runner || folder.find(testFiles, 1).length === 0) return [];
  const line = lineOf(folder.text('package.json'), new RegExp(`"${runner[0]}"\\s*:`));
  return [check('test', client.run(runner[1]), folder.file('package.json'), line)];
}
