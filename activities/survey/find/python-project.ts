import { z } from 'zod';
import type { FoundCheck, FoundCommand, Missing } from '#workflows/domain/survey/environment.ts';
import { lineOf, parseIni, parseToml } from './documents.ts';
import { check, type FoundPart, noTests } from './ecosystem.ts';
import type { Folder } from './folder.ts';

const table = z.record(z.string(), z.unknown()).catch({});
const requirements = z.array(z.unknown()).catch([]);
const groups = z.record(z.string(), requirements).catch({});
const maybe = z.unknown().optional();

const pyprojectSchema = z
  .object({
    project: z.object({ 'optional-dependencies': groups, dependencies: requirements }).optional().catch(undefined),
    'build-system': z
      .object({ 'build-backend': z.string().catch('') })
      .optional()
      .catch(undefined),
    'dependency-groups': groups,
    tool: z
      .object({
        uv: z
          .object({
            workspace: z
              .object({ members: z.array(z.string().catch('')).catch([]) })
              .optional()
              .catch(undefined),
          })
          .optional()
          .catch(undefined),
        poetry: z
          .object({ group: z.record(z.string(), table).catch({}), extras: groups })
          .optional()
          .catch(undefined),
        mypy: z.object({ files: maybe, packages: maybe, modules: maybe }).optional().catch(undefined),
        ruff: table.optional().catch(undefined),
        pyright: table.optional().catch(undefined),
        pytest: table.optional().catch(undefined),
      })
      .catch({}),
  })
  .catch({ 'dependency-groups': {}, tool: {} });

export interface PythonProject {
  pyproject: z.infer<typeof pyprojectSchema>;
  /** pyproject.toml exists and cannot be read. */
  broken: boolean;
  /** It can be installed, so its own packages can be imported. */
  installable: boolean;
  /** Extras and dependency groups that the checks need. */
  extras: string[];
  groups: string[];
  requirementFiles: string[];
  hasTests: boolean;
  django: boolean;
  /** Whether a manifest names a package. */
  declares(name: string): boolean;
}

const testGroups = /^(tests?|testing|dev|develop|development|unit[-_]?tests?|typing)$/i;
const requirementNames =
  /^(requirements\/)?((dev|tests?|testing|ci)[-_.])?requirements([-_.](dev|devel|development|tests?|testing|ci))?\.txt$|^requirements\/(base|main|dev|development|tests?|testing|ci)\.txt$/;
const testFiles = /(^|\/)(test_[^/]*|[^/]*_tests?|tests?)\.py$/;

const names = (item: unknown, pattern: RegExp) => typeof item === 'string' && pattern.test(item);

/** Groups with the name of a test group, otherwise those that contain pytest. */
function wanted(all: Record<string, unknown[]>): string[] {
  const plain = Object.keys(all).filter((name) => /^[A-Za-z0-9][\w.-]*$/.test(name));
  const holdsPytest = (name: string) => all[name]?.some((item) => names(item, /^pytest\b/i)) ?? false;
  const known = plain.filter((name) => testGroups.test(name));
  return known.some(holdsPytest) ? known : [...known, ...plain.filter(holdsPytest).slice(0, 1)];
}

/** Extras of setup.cfg and setup.py; a setup.py is a program, so only what it writes out can be seen. */
function oldExtras(folder: Folder): string[] {
  const extras = [...parseIni(folder.text('setup.cfg')).keys()]
    .filter((key) => key.startsWith('options.extras_require.'))
    .map((key) => key.slice('options.extras_require.'.length));
  const setup = folder.text('setup.py') ?? '';
  if (/extras_require/.test(setup))
    extras.push(...[...setup.matchAll(/["'](\w{1,30})["']\s*:\s*[[\w]/g)].map(([, name = '']) => name));
  return extras.filter((name) => testGroups.test(name));
}

export function pythonProject(folder: Folder): PythonProject {
  const parsed = parseToml(folder.text('pyproject.toml'));
  const pyproject = pyprojectSchema.parse(parsed ?? {});
  const requirementFiles = folder.find(requirementNames, 10);
  const sources = ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', ...requirementFiles];
  const text = sources.map((name) => (folder.text(name) ?? '').slice(0, 1_000_000)).join('\n');
  const setupPy = folder.has('setup.py') || parseIni(folder.text('setup.cfg')).has('metadata');
  return {
    pyproject,
    broken: folder.has('pyproject.toml') && parsed === undefined,
    installable: setupPy || pyproject.project !== undefined || pyproject['build-system'] !== undefined,
    extras: [...new Set([...wanted(pyproject.project?.['optional-dependencies'] ?? {}), ...oldExtras(folder)])],
    groups: wanted(pyproject['dependency-groups']),
    requirementFiles,
    hasTests: folder.find(testFiles, 1).length > 0,
    django: folder.has('manage.py'),
    declares: (name) => new RegExp(`(^|["'\\s,[])${name}(?![\\w-])(?=[\\s"'<>=!~;,\\[@]|$)`, 'im').test(text),
  };
}

/** Where a project says that its tests run with pytest. */
function pytestSource(folder: Folder): { file: string; line: number } {
  const places: [string, RegExp][] = [
    ['pytest.ini', /\[pytest\]/],
    ['pyproject.toml', /\[tool\.pytest/],
    ['setup.cfg', /\[tool:pytest\]/],
    ['tox.ini', /pytest/],
    ['pyproject.toml', /pytest/i],
    ['setup.cfg', /pytest/],
    ['setup.py', /pytest/],
  ];
  for (const [name, pattern] of places)
    if (pattern.test(folder.text(name) ?? ''))
      return { file: folder.file(name), line: lineOf(folder.text(name), pattern) };
  const [test = 'tests'] = folder.find(testFiles, 1);
  return { file: folder.file(test), line: 1 };
}

/** Whether pytest must be installed beside what the manifests name. */
export const wantsPytest = (folder: Folder, project: PythonProject): boolean =>
  project.hasTests && !project.declares('pytest') && !usesDjango(folder, project);

const usesDjango = (folder: Folder, project: PythonProject): boolean =>
  project.django &&
  !['pytest', 'pytest-django'].some((name) => project.declares(name)) &&
  !/pytest/.test(`${folder.text('tox.ini') ?? ''}${folder.text('pytest.ini') ?? ''}`);

/** Checks of a Python project. `run` runs a program of the project's own environment. */
export function pythonChecks(
  folder: Folder,
  project: PythonProject,
  run: (program: string) => string,
): Pick<FoundPart, 'setup' | 'checks' | 'missing'> {
  const setup: FoundCommand[] = [];
  const checks: FoundCheck[] = [];
  const missing: Missing[] = [];
  const { tool } = project.pyproject;
  const add = (purpose: FoundCheck['purpose'], program: string, file: string, pattern: RegExp) =>
    checks.push(check(purpose, run(program), folder.file(file), lineOf(folder.text(file), pattern)));
  if (!project.hasTests) missing.push(noTests('Add tests, such as tests/test_example.py for pytest.'));
  else if (usesDjango(folder, project)) add('test', 'python manage.py test', 'manage.py', /execute_from_command_line/);
  else {
    const { file, line } = pytestSource(folder);
    checks.push(check('test', run('pytest'), file, line));
  }
  if (project.declares('mypy')) {
    const ini = ['mypy.ini', '.mypy.ini'].find((name) =>
      /^(files|packages|modules)\s*=/m.test(folder.text(name) ?? ''),
    );
    if (ini) add('types', 'mypy', ini, /^(files|packages|modules)/);
    else if (tool.mypy?.files ?? tool.mypy?.packages ?? tool.mypy?.modules)
      add('types', 'mypy', 'pyproject.toml', /\[tool\.mypy\]/);
    else if (['files', 'packages'].some((key) => parseIni(folder.text('setup.cfg')).has(`mypy.${key}`)))
      add('types', 'mypy', 'setup.cfg', /\[mypy\]/);
  }
  if (project.declares('pyright')) {
    if (folder.has('pyrightconfig.json')) add('types', 'pyright', 'pyrightconfig.json', /./);
    else if (tool.pyright) add('types', 'pyright', 'pyproject.toml', /\[tool\.pyright/);
  }
  if (project.declares('ruff')) {
    const config = ['ruff.toml', '.ruff.toml'].find((name) => folder.has(name));
    if (config) add('lint', 'ruff check .', config, /./);
    else if (tool.ruff) add('lint', 'ruff check .', 'pyproject.toml', /\[tool\.ruff/);
  }
  const pyright = checks.find(({ command }) => command === run('pyright'));
  // The package loads the program itself when it first runs, and a check has no network.
  if (pyright) setup.push({ command: run('pyright --version'), source: pyright.source });
  return { setup, checks, missing };
}

export const pythonFiles = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'Pipfile',
  'tox.ini',
  'noxfile.py',
  'pytest.ini',
  'mypy.ini',
  '.mypy.ini',
  'pyrightconfig.json',
  'ruff.toml',
  '.ruff.toml',
];
/** Requirement files are found by pattern, since every project names them in its own way. */
export const isRequirementFile = (name: string): boolean => requirementNames.test(name);
