import { type Files, found, withTests } from './found.ts';

const venv = "setup python3 -m venv .venv && echo '*' > .venv/.gitignore";
const rows: [title: string, files: Files, expected: string[]][] = [
  [
    'uv with groups and configured tools',
    {
      ...withTests,
      'uv.lock': '',
      'pyproject.toml': `[project]
name = "a"
optional-dependencies = { test = ["x"], docs = ["sphinx"] }
[dependency-groups]
dev = ["ruff"]
tests = ["pytest>=8"]
typing = ["mypy"]
"bad; rm" = ["pytest"]
[tool.mypy]
files = ["src"]
[tool.ruff]
line-length = 100
`,
    },
    [
      '[.] uv',
      'setup uv sync --frozen --group dev --group tests --group typing --extra test',
      'test uv run --frozen --no-sync pytest',
      'types uv run --frozen --no-sync mypy',
      'lint uv run --frozen --no-sync ruff check .',
    ],
  ],
  [
    'uv workspace',
    {
      'uv.lock': '',
      'pyproject.toml': '[dependency-groups]\ndev = ["pytest"]\n[tool.uv.workspace]\nmembers = ["libs/*"]\n',
      'libs/a/pyproject.toml': '[project]\nname = "a"\n',
      'libs/a/tests/test_a.py': '',
    },
    ['[.] uv', 'setup uv sync --frozen --all-packages --group dev', 'test uv run --frozen --no-sync pytest'],
  ],
  [
    'poetry',
    {
      ...withTests,
      'poetry.lock': '',
      'pyproject.toml':
        '[tool.poetry]\nname = "a"\n[tool.poetry.group.test]\noptional = true\n[tool.poetry.group.test.dependencies]\npytest = "^8"\n',
    },
    [
      '[.] poetry',
      'setup POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction --with test',
      'test poetry run pytest',
    ],
  ],
  [
    'pip with requirements',
    { ...withTests, 'requirements.txt': 'flask\n', 'requirements-dev.txt': 'pytest==8\n' },
    [
      '[.] pip',
      venv,
      'setup .venv/bin/python -m pip install -r requirements-dev.txt',
      'setup .venv/bin/python -m pip install -r requirements.txt',
      'test .venv/bin/python -m pytest',
    ],
  ],
  [
    'setup.py with an extra',
    { ...withTests, 'setup.py': "setup(name='a', extras_require={'test': ['pytest'], 'docs': ['x']})" },
    ['[.] pip', venv, "setup .venv/bin/python -m pip install -e '.[test]'", 'test .venv/bin/python -m pytest'],
  ],
  [
    'packages that only tox names',
    {
      ...withTests,
      'setup.py': 'setup()',
      'tox.ini': '[testenv]\ndeps =\n  pytest>=7\n  $(evil)\n  x; rm -rf /\n  attrs # why\n',
    },
    [
      '[.] pip',
      venv,
      'setup .venv/bin/python -m pip install -e .',
      "setup .venv/bin/python -m pip install 'pytest>=7' 'attrs'",
      'test .venv/bin/python -m pytest',
    ],
  ],
  [
    'Django without pytest',
    { 'requirements.txt': 'django', 'manage.py': '', 'app/tests.py': '' },
    [
      '[.] pip',
      venv,
      'setup .venv/bin/python -m pip install -r requirements.txt',
      'test .venv/bin/python manage.py test',
    ],
  ],
  [
    'no tests, so no guessed pytest',
    { 'requirements.txt': 'flask', 'app.py': '' },
    ['[.] pip', venv, 'setup .venv/bin/python -m pip install -r requirements.txt', 'missing tests'],
  ],
  [
    'TOML that cannot be read',
    { ...withTests, 'pyproject.toml': '[project\nname = 1979-05-27', 'uv.lock': '' },
    ['[.] uv', 'missing a readable pyproject.toml'],
  ],
  [
    'dates and duplicate keys count as absent',
    {
      ...withTests,
      'pyproject.toml': '[project]\nname = 1979-05-27\n[tool.ruff]\na=1\n[tool.ruff]\n',
      'setup.py': 'setup(extras="pytest")',
    },
    ['[.] pip', venv, 'setup .venv/bin/python -m pip install -e .', 'test .venv/bin/python -m pytest'],
  ],
];

test.each(rows)('finds a Python project: %s', async (_title, files, expected) => {
  expect(await found(files)).toEqual(expected);
});
