import type { Row } from '../row.ts';

const words = 'import idna\n\n\ndef plain(name):\n    return idna.encode(name).decode()\n';
const green = "from words import plain\n\n\ndef test_plain():\n    assert plain('bücher') == 'xn--bcher-kva'\n";

export const python: Row[] = [
  {
    name: 'uv with pytest, one test flaky',
    files: {
      '.gitignore': '.venv/\n',
      'pyproject.toml': `[project]
name = "words"
version = "1.0.0"
requires-python = ">=3.9"
dependencies = ["idna==3.10"]

[dependency-groups]
dev = ["pytest==8.3.4"]

[tool.pytest.ini_options]
pythonpath = ["."]
`,
      'words.py': words,
      'tests/test_words.py': green,
      'tests/test_seen.py': `from pathlib import Path


def test_sometimes():
    seen = Path('/tmp/seen')
    before = seen.exists()
    seen.touch()
    assert before
`,
    },
    lock: [{ command: ['uv', 'lock'] }],
    roots: [
      {
        path: '',
        kind: 'uv',
        setup: ['uv sync --frozen --group dev'],
        checks: [
          {
            command: 'uv run --frozen --no-sync pytest',
            state: 'passed',
            tests: 2,
            flaky: ['tests/test_seen.py > test_sometimes'],
          },
        ],
      },
    ],
    edits: { 'tests/test_more.py': 'def test_more():\n    assert 1 + 1 == 2\n' },
    command: 'uv run --frozen --no-sync pytest tests/test_words.py tests/test_more.py',
  },
  {
    name: 'pip with a file of requirements, one test red',
    slow: true,
    files: {
      'requirements.txt': 'idna==3.10\npytest==8.3.4\n',
      'conftest.py': '',
      'words.py': words,
      'tests/test_words.py': `${green}\n\ndef test_red():\n    assert plain('a') == 'b'\n`,
    },
    roots: [
      {
        path: '',
        kind: 'pip',
        setup: [
          "python3 -m venv .venv && echo '*' > .venv/.gitignore",
          '.venv/bin/python -m pip install -r requirements.txt',
        ],
        checks: [
          {
            command: '.venv/bin/python -m pytest',
            state: 'failed',
            tests: 2,
            failing: ['tests/test_words.py > test_red'],
          },
        ],
      },
    ],
    edits: { 'tests/test_more.py': 'def test_more():\n    assert 1 + 1 == 2\n' },
    command: '.venv/bin/python -m pytest tests/test_more.py tests/test_words.py::test_plain',
  },
];
