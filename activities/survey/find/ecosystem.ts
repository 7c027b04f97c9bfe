import type {
  CheckPurpose,
  FoundCheck,
  FoundCommand,
  Missing,
  WantedTool,
} from '#workflows/domain/survey/environment.ts';
import type { Folder } from './folder.ts';

/** What one ecosystem knows about a folder. Its checks may come in any order. */
export interface FoundPart {
  setup: FoundCommand[];
  checks: FoundCheck[];
  tools: WantedTool[];
  missing: Missing[];
  /** Runs a program of its packages, such as `pytest -q` or `eslint .`; undefined: it installs no programs. */
  run?(program: string): string;
}

/** A way to set up and check a folder. One file each in `ecosystems`. */
export interface Ecosystem {
  name: string;
  /** Of ecosystems with the same language, the first in the table that finds something counts. */
  language: string;
  /** Names of the files that make a folder a candidate. */
  markers: RegExp;
  /** Names of further files that it reads in a candidate folder. */
  files: string[];
  /** It names no set-up of its own, and its tests count only where no other ecosystem has any. */
  fallback?: boolean;
  /** Only where the text of a CI file matches, for files that many repositories keep and do not use. */
  namedByCi?: RegExp;
  find(folder: Folder): FoundPart | undefined;
  /** Whether the folder, as the root of a workspace, sets up and checks a folder below it (relative path). */
  covers?(folder: Folder, below: string): boolean;
}

export const emptyPart = (): FoundPart => ({ setup: [], checks: [], tools: [], missing: [] });

/** A manifest that cannot be read leaves a folder without commands; a person learns why. */
export const unreadable = (folder: Folder, name: string, format: string): FoundPart => ({
  ...emptyPart(),
  missing: [
    {
      what: `${readable} ${folder.file(name)}`,
      remedy: `The file is not valid ${format}, or it is larger than 1 MB. Fix it, or name set-up and checks in the project's settings.`,
    },
  ],
});
const readable = 'a readable';
export const isUnreadable = ({ what }: Missing): boolean => what.startsWith(`${readable} `);

export const noTests = (remedy: string): Missing => ({
  what: tests,
  remedy: `${remedy} Or name the command in the project's setting "checks". Without tests, only a review judges the work.`,
});
const tests = 'tests';
export const isNoTests = ({ what }: Missing): boolean => what === tests;

export const noLock = (manifest: string, remedy: string): Missing => ({
  what: `a lock file for ${manifest}`,
  remedy: `${remedy} Without it, each set-up may install other versions.`,
});

export const check = (purpose: CheckPurpose, command: string, file: string, line: number): FoundCheck => ({
  purpose,
  command,
  source: { file, line },
});

/** A folder with the ecosystems that were found in it. */
export interface DraftRoot {
  folder: Folder;
  parts: { name: string; language: string; part: FoundPart }[];
}
