import { z } from 'zod';
import { lineOf } from '../documents.ts';
import { type Ecosystem, noLock, unreadable } from '../ecosystem.ts';
import { fitsPattern, type Folder } from '../folder.ts';
import { pythonChecks, pythonFiles, pythonProject, wantsPytest } from '../python-project.ts';

const members = (folder: Folder) => pythonProject(folder).pyproject.tool.uv?.workspace?.members;
const patterns = z.array(z.string()).catch([]);

export const uv: Ecosystem = {
  name: 'uv',
  language: 'python',
  markers: /^(pyproject\.toml|uv\.lock)$/,
  files: ['uv.lock', 'uv.toml', ...pythonFiles],
  find(folder) {
    const locked = folder.has('uv.lock');
    const project = pythonProject(folder);
    if (!folder.has('pyproject.toml') || !(locked || project.pyproject.tool.uv)) return undefined;
    if (project.broken) return unreadable(folder, 'pyproject.toml', 'TOML');
    const options = [
      ...(locked ? ['--frozen'] : []),
      ...(members(folder) ? ['--all-packages'] : []),
      ...project.groups.map((name) => `--group ${name}`),
      ...project.extras.map((name) => `--extra ${name}`),
    ];
    const manifest = folder.file('pyproject.toml');
    const source = locked
      ? { file: folder.file('uv.lock'), line: 1 }
      : { file: manifest, line: lineOf(folder.text('pyproject.toml'), /^\[tool\.uv/) };
    const setup = [{ command: ['uv sync', ...options].join(' '), source }];
    const run = (program: string) => `uv run ${locked ? '--frozen ' : ''}--no-sync ${program}`;
    const { setup: more, checks, missing } = pythonChecks(folder, project, run);
    const test = checks.find(({ purpose }) => purpose === 'test');
    if (test && wantsPytest(folder, project)) setup.push({ command: 'uv pip install pytest', source: test.source });
    if (!locked) missing.push(noLock(manifest, 'Run "uv lock" and commit uv.lock.'));
    return { setup: [...setup, ...more], checks, tools: [], missing, run };
  },
  covers: (folder, below) => patterns.parse(members(folder)).some((pattern) => fitsPattern(pattern, below)),
};
