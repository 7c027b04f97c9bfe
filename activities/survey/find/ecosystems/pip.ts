import { lineOf, parseIni } from '../documents.ts';
import { check, type Ecosystem, unreadable } from '../ecosystem.ts';
import { isPlainPath, type Folder } from '../folder.ts';
import { type PythonProject, pythonChecks, pythonFiles, pythonProject, wantsPytest } from '../python-project.ts';

const python = '.venv/bin/python';
const requirement = /^[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?([<>=!~]=?[\w.*]+(,[<>=!~]=?[\w.*]+)*)?$/;

/** Arguments of pip install for the test environment of tox, where the project names its test packages only there. */
function toxRequirements(folder: Folder): string[] {
  return (parseIni(folder.text('tox.ini')).get('testenv.deps') ?? '')
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, '').trim())
    .flatMap((line) => {
      const file = /^-r\s*(.*)$/.exec(line)?.[1];
      if (file) return isPlainPath(file) && folder.has(file) ? [`-r ${file}`] : [];
      return requirement.test(line) ? [`'${line}'`] : [];
    })
    .slice(0, 30);
}

/** Arguments of pip install for everything that the checks need, with the file that asks for each. */
function installs(folder: Folder, project: PythonProject): { args: string; file: string; line: number }[] {
  const found = project.requirementFiles
    .filter(isPlainPath)
    .map((name) => ({ args: `-r ${name}`, file: folder.file(name), line: 1 }));
  if (project.installable) {
    const [name = 'pyproject.toml'] = ['pyproject.toml', 'setup.py', 'setup.cfg'].filter((one) => folder.has(one));
    const args = project.extras.length > 0 ? `-e '.[${project.extras.join(',')}]'` : '-e .';
    const line = lineOf(folder.text(name), /^\[project\]|^\[metadata\]|setup\(/);
    found.push({ args, file: folder.file(name), line });
  }
  const line = lineOf(folder.text('pyproject.toml'), /^\[dependency-groups\]/);
  for (const name of project.groups) found.push({ args: `--group ${name}`, file: folder.file('pyproject.toml'), line });
  if (wantsPytest(folder, project)) {
    const tox = toxRequirements(folder).filter((args) => !found.some((one) => one.args === args));
    const file = folder.has('tox.ini') && tox.length > 0 ? 'tox.ini' : undefined;
    if (file) found.push({ args: tox.join(' '), file: folder.file(file), line: lineOf(folder.text(file), /^deps\b/) });
    const [test = 'tests'] = folder.find(/(^|\/)(test_[^/]*|[^/]*_tests?|tests?)\.py$/, 1);
    if (!tox.some((args) => /^'pytest\b(?!-)/.test(args)))
      found.push({ args: 'pytest', file: folder.file(test), line: 1 });
  }
  return found;
}

/** The fallback for Python: a virtual environment and whatever the manifests name. */
export const pip: Ecosystem = {
  name: 'pip',
  language: 'python',
  markers: /^(pyproject\.toml|setup\.py|setup\.cfg|requirements\.txt|pytest\.ini|tox\.ini|manage\.py)$/,
  files: [...pythonFiles, 'requirements.txt', 'manage.py'],
  find(folder) {
    const project = pythonProject(folder);
    if (project.broken && !folder.has('setup.py')) return unreadable(folder, 'pyproject.toml', 'TOML');
    const wanted = installs(folder, project);
    const run = (program: string) =>
      program.startsWith('python ') ? `${python} ${program.slice('python '.length)}` : `${python} -m ${program}`;
    const { setup: more, checks, missing } = pythonChecks(folder, project, run);
    const tox = folder.has('tox.ini') && parseIni(folder.text('tox.ini')).has('testenv');
    const manifests = ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'tox.ini', 'manage.py'];
    const [manifest] = manifests.filter((name) => folder.has(name));
    if (!manifest || (wanted.length === 0 && checks.length === 0 && !tox)) return undefined;
    const source = { file: folder.file(manifest), line: 1 };
    // The environment ignores itself, since older versions of Python leave it among the files of the work.
    const setup = [{ command: "python3 -m venv .venv && echo '*' > .venv/.gitignore", source }];
    // The option --group came with pip 25.1.
    if (project.groups.length > 0) setup.push({ command: `${python} -m pip install --upgrade 'pip>=25.1'`, source });
    for (const { args, file, line } of wanted)
      setup.push({ command: `${python} -m pip install ${args}`, source: { file, line } });
    setup.push(...more);
    if (checks.length === 0 && tox) {
      const from = { file: folder.file('tox.ini'), line: lineOf(folder.text('tox.ini'), /^\[testenv\]/) };
      setup.push({ command: `${python} -m pip install tox`, source: from });
      setup.push({ command: `${python} -m tox run --notest -e py`, source: from });
      checks.push(check('test', `${python} -m tox run --skip-pkg-install -e py`, from.file, from.line));
    }
    return { setup, checks, tools: [], missing, run };
  },
};
