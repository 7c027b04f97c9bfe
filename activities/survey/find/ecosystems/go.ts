import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noTests } from '../ecosystem.ts';
import { type Folder, isPlainPath } from '../folder.ts';

/** Folders that go.work joins; patterns such as ./... never leave the module they begin in. */
function workspaceModules(folder: Folder): string[] {
  const used: string[] = [];
  let inside = false;
  for (const line of (folder.text('go.work') ?? '').slice(0, 100_000).split('\n')) {
    const [first = '', second = ''] = line
      .replace(/\/\/.*$/, '')
      .trim()
      .split(/\s+/);
    if (inside && first === ')') inside = false;
    else if (inside) used.push(first);
    else if (first === 'use' && second === '(') inside = true;
    else if (first === 'use') used.push(second);
  }
  return used
    .filter((name) => name !== '')
    .map((name) =>
      name
        .replace(/^"|"$/g, '')
        .replace(/^\.\/?/, '')
        .replace(/\/$/, ''),
    )
    .filter((name, at, all) => all.indexOf(name) === at)
    .filter((name) => folder.has(name === '' ? 'go.mod' : `${name}/go.mod`) && (name === '' || isPlainPath(name)))
    .slice(0, 50);
}

/**
 * Fills Go's cache with everything that the tests are made of, the standard library first: each sandbox would compile
 * that again for longer than most tests take. A package that does not compile is no failure of the set-up.
 */
const compileDependencies = "go list -e -export -test -deps -f ''";

export const go: Ecosystem = {
  name: 'go',
  language: 'go',
  markers: /^go\.(mod|work)$/,
  files: ['go.sum', 'go.work.sum'],
  find(folder) {
    const modules = workspaceModules(folder);
    const main = modules.length > 0 ? 'go.work' : 'go.mod';
    if (!folder.has(main)) return undefined;
    const part = emptyPart();
    const file = folder.file(main);
    const needs = (name: string) => /^[ \t]*require\b/m.test(folder.text(name) ?? '');
    const manifests = modules.length > 0 ? modules.map((name) => (name ? `${name}/go.mod` : 'go.mod')) : ['go.mod'];
    if (manifests.some(needs) && !folder.has('vendor/modules.txt')) {
      const sum = ['go.sum', 'go.work.sum'].find((name) => folder.has(name));
      part.setup.push({ command: 'go mod download', source: { file: folder.file(sum ?? main), line: 1 } });
      if (!sum && modules.length === 0)
        part.missing.push({
          what: folder.file('go.sum'),
          remedy: `Go refuses to build ${file} without it. Run "go mod tidy" and commit go.sum.`,
        });
    }
    const packages = modules.length > 0 ? modules.map((name) => (name ? `./${name}/...` : './...')).join(' ') : './...';
    const line = lineOf(folder.text(main), main === 'go.work' ? /^use\b/ : /^module\b/);
    if (folder.find(/_test\.go$/, 1).length > 0) {
      part.setup.push({ command: `${compileDependencies} ${packages}`, source: { file, line } });
      part.checks.push(check('test', `go test ${packages}`, file, line));
    } else {
      part.missing.push(noTests('Add a file such as main_test.go.'));
      part.checks.push(check('build', `go build ${packages}`, file, line));
    }
    part.checks.push(check('lint', `go vet ${packages}`, file, line));
    return part;
  },
  covers: (folder, below) => workspaceModules(folder).includes(below),
};
