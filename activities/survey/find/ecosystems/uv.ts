import { z } from 'zod';
import type { Ecosystem } from '../ecosystem.ts';
import { fitsPattern } from '../folder.ts';
import { lockedPython } from '../locked-python.ts';
import { type PythonProject, pythonFiles, pythonProject } from '../python-project.ts';

const members = ({ pyproject }: PythonProject) => pyproject.tool.uv?.workspace?.members;
const patterns = z.array(z.string()).catch([]);

export const uv: Ecosystem = {
  name: 'uv',
  language: 'python',
  markers: /^(pyproject\.toml|uv\.lock)$/,
  files: ['uv.lock', 'uv.toml', ...pythonFiles],
  find: (folder) =>
    lockedPython(folder, {
      name: 'uv',
      manages: ({ pyproject }) => pyproject.tool.uv !== undefined,
      setUp: (project, locked) =>
        [
          'uv sync',
          ...(locked ? ['--frozen'] : []),
          ...(members(project) ? ['--all-packages'] : []),
          ...project.groups.map((name) => `--group ${name}`),
          ...project.extras.map((name) => `--extra ${name}`),
        ].join(' '),
      runs: (locked) => `uv run ${locked ? '--frozen ' : ''}--no-sync`,
      addsPytest: 'uv pip install pytest',
    }),
  covers: (folder, below) =>
    patterns.parse(members(pythonProject(folder))).some((pattern) => fitsPattern(pattern, below)),
};
