import type { Ecosystem } from '../ecosystem.ts';
import { lockedPython } from '../locked-python.ts';
import { type PythonProject, pythonFiles } from '../python-project.ts';

// Inside the folder, so that the environment is kept with what else the set-up wrote.
const install = 'POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction';

function setUp({ pyproject: { tool }, extras: listed }: PythonProject): string {
  const optional = Object.entries(tool.poetry?.group ?? {})
    .filter(([name, group]) => group['optional'] === true && /^(tests?|testing|dev|typing)$/.test(name))
    .map(([name]) => name);
  const extras = Object.keys(tool.poetry?.extras ?? {}).filter((name) => /^(tests?|testing|dev)$/.test(name));
  return [
    install,
    ...(optional.length > 0 ? [`--with ${optional.join(',')}`] : []),
    ...[...new Set([...extras, ...listed])].map((name) => `--extras ${name}`),
  ].join(' ');
}

export const poetry: Ecosystem = {
  name: 'poetry',
  language: 'python',
  markers: /^(pyproject\.toml|poetry\.lock)$/,
  files: ['poetry.lock', 'poetry.toml', ...pythonFiles],
  find: (folder) =>
    lockedPython(folder, {
      name: 'poetry',
      manages: ({ pyproject: { tool, 'build-system': build } }) =>
        tool.poetry !== undefined && /poetry/.test(build?.['build-backend'] ?? 'poetry'),
      setUp,
      runs: () => 'poetry run',
      addsPytest: 'poetry run python -m pip install pytest',
    }),
};
