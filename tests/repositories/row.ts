import path from 'node:path';
import { commitAll, git, makeRepository, put } from '#tests/ports/local/fixture.ts';

/** An odd repository, and what must become of work on it. */
export interface Row {
  name: string;
  /** Makes the repository in a folder that does not exist yet. @returns its path, when that is another one. */
  make(dir: string): string | void;
  /** Files that the agent writes beside agent.txt. */
  edits?: Record<string, string>;
  /** A command of the agent, after its edits. */
  command?: string;
  /** What the agent's first message says of the repository. */
  told?: RegExp;
  /** Undoes what the platform refuses to commit. */
  restore?: string;
  /** The check of the project: it passes where the agent works and on a clean checkout. */
  check?: string;
  /** The changed files of the pull request beside agent.txt; by default the edits. */
  changes?: string[];
  /** The repository is refused when it is named. */
  refused?: { code: string; remedy: RegExp };
  /** A change of the repository by its owner while the work runs. */
  meanwhile?(dir: string): void;
  /** The pull request is open, and its merge is refused. */
  merge?: { code: string };
}

/** A plain project in a new folder, with more files, on `main`. */
export const plain = (dir: string, files: Record<string, string | Buffer> = {}): string =>
  makeRepository(dir, { 'README.md': 'hello\n', 'app.js': 'export const one = 1;\n', ...files });

/** A folder beside the one of the row. */
export const beside = (dir: string, name: string) => path.join(path.dirname(dir), `${path.basename(dir)}-${name}`);

/** Commits the files in a further commit; `only` leaves files alone that git would take for changed. */
export function addOnly(dir: string, files: Record<string, string>): void {
  put(dir, files);
  git(dir, 'add', '--', ...Object.keys(files));
  git(dir, 'commit', '-qm', 'add');
}

export { commitAll, git, put };
