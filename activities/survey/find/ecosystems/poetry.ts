import { lineOf } from '../documents.ts';
import { type Ecosystem, noLock, unreadable } from '../ecosystem.ts';
import { pythonChecks, pythonFiles, pythonProject, wantsPytest } from '../python-project.ts';

export const poetry: Ecosystem = {
  name: 'poetry',
  language: 'python',
  markers: /^(pyproject\.toml|poetry\.lock)$/,
  files: ['poetry.lock', 'poetry.toml', ...pythonFiles],
  find(folder) {
    const locked = folder.has('poetry.lock');
    const project = pythonProject(folder);
    const { tool, 'build-system': build } = project.pyproject;
    const used = locked || (tool.poetry !== undefined && /poetry/.test(build?.['build-backend'] ?? 'poetry'));
    if (!folder.has('pyproject.toml') || !used) return undefined;
    if (project.broken) return unreadable(folder, 'pyproject.toml', 'TOML');
    const optional = Object.entries(tool.poetry?.group ?? {})
      .filter(([name, group]) => group['optional'] === true && /^(tests?|testing|dev|typing)$/.test(name))
      .map(([name]) => name);
    const extras = Object.keys(tool.poetry?.extras ?? {}).filter((name) => /^(tests?|testing|dev)$/.test(name));
    const options = [
      ...(optional.length > 0 ? [`--with ${optional.join(',')}`] : []),
      ...[...new Set([...extras, ...project.extras])].map((name) => `--extras ${name}`),
    ];
    const manifest = folder.file('pyproject.toml');
    const source = locked
      ? { file: folder.file('poetry.lock'), line: 1 }
      : { file: manifest, line: lineOf(folder.text('pyproject.toml'), /^\[tool\.poetry/) };
    // Inside the folder, so that the environment is kept with what else the set-up wrote.
    const install = ['POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction', ...options].join(' ');
    const setup = [{ command: install, source }];
    const run = (program: string) => `poetry run ${program}`;
    const { setup: more, checks, missing } = pythonChecks(folder, project, run);
    const test = checks.find(({ purpose }) => purpose === 'test');
    if (test && wantsPytest(folder, project))
      setup.push({ command: 'poetry run python -m pip install pytest', source: test.source });
    if (!locked) missing.push(noLock(manifest, 'Run "poetry lock" and commit poetry.lock.'));
    return { setup: [...setup, ...more], checks, tools: [], missing, run };
  },
};
