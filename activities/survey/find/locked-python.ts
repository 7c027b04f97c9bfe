import { lineOf } from './documents.ts';
import { type FoundPart, noLock, unreadable } from './ecosystem.ts';
import type { Folder } from './folder.ts';
import { pythonChecks, type PythonProject, pythonProject, wantsPytest } from './python-project.ts';

/** A program that sets up a Python project from pyproject.toml and a lock file of its own. */
interface Manager {
  name: 'uv' | 'poetry';
  /** Whether it is the project's where it has no lock file. */
  manages(project: PythonProject): boolean;
  setUp(project: PythonProject, locked: boolean): string;
  /** The beginning of a command that runs a program of the project's environment. */
  runs(locked: boolean): string;
  addsPytest: string;
}

export function lockedPython(folder: Folder, manager: Manager): FoundPart | undefined {
  const { name } = manager;
  const lock = `${name}.lock`;
  const locked = folder.has(lock);
  const project = pythonProject(folder);
  if (!folder.has('pyproject.toml') || !(locked || manager.manages(project))) return undefined;
  if (project.broken) return unreadable(folder, 'pyproject.toml', 'TOML');
  const manifest = folder.file('pyproject.toml');
  const source = locked
    ? { file: folder.file(lock), line: 1 }
    : { file: manifest, line: lineOf(folder.text('pyproject.toml'), new RegExp(`^\\[tool\\.${name}`)) };
  const setup = [{ command: manager.setUp(project, locked), source }];
  const run = (program: string) => `${manager.runs(locked)} ${program}`;
  const { setup: more, checks, missing } = pythonChecks(folder, project, run);
  const test = checks.find(({ purpose }) => purpose === 'test');
  if (test && wantsPytest(folder, project)) setup.push({ command: manager.addsPytest, source: test.source });
  if (!locked) missing.push(noLock(manifest, `Run "${name} lock" and commit ${lock}.`));
  return { setup: [...setup, ...more], checks, tools: [], missing, run };
}
