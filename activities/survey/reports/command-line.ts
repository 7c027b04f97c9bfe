import { resolveSteps, type Step } from './resolve-steps.ts';
import type { RootFacts } from './reader.ts';

/** A word that bash reads as exactly this text. Ids of tests are text of the repository, so they are never trusted. */
export const quote = (text: string): string => {
  const word = text.replaceAll('\0', '');
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
};

/** A command, and what it runs as far as the files of its root show. */
export class CommandLine {
  readonly steps: Step[];

  constructor(
    readonly text: string,
    readonly root: RootFacts,
  ) {
    this.steps = resolveSteps(text, root);
  }

  /** The last step that runs one of the programs. `npx`, `uv run`, `python -m` and other wrappers are left out. */
  find(programs: RegExp, args: (args: string[]) => boolean = () => true): Step | undefined {
    return this.steps.findLast((step) => programs.test(step.program) && args(step.args));
  }

  /** The command with more arguments for a step; undefined when no argument reaches it. */
  append(step: Step | undefined, args: string[]): string | undefined {
    if (!step?.end) return undefined;
    const words = [...step.end.separators, ...args].map(quote).join(' ');
    return `${this.text.slice(0, step.end.at)} ${words}${this.text.slice(step.end.at)}`;
  }

  /** The command with more arguments directly after the step's argument of this position, for a step of its own text. */
  insertAfter(step: Step | undefined, position: number, args: string[]): string | undefined {
    const at = step?.argEnds?.[position];
    if (at === undefined) return undefined;
    return `${this.text.slice(0, at)} ${args.map(quote).join(' ')}${this.text.slice(at)}`;
  }
}

const maxIds = 200;
const maxBytes = 60_000;

/** The names of tests as arguments; undefined when there are too many, or a runner would take one as an option. */
export function fits(names: string[]): string[] | undefined {
  const unique = [...new Set(names)];
  if (unique.some((name) => name.startsWith('-'))) return undefined;
  return unique.length > 0 && unique.length <= maxIds && unique.join(' ').length <= maxBytes ? unique : undefined;
}

/** The parts of an id: a file or class, and the name in it. */
export function splitId(id: string): [string, string] {
  const at = id.indexOf(' > ');
  return at < 0 ? [id, ''] : [id.slice(0, at), id.slice(at + 3)];
}

/** A pattern that matches exactly the full names, for runners that join the titles of a test with spaces. */
export const namePattern = (names: string[]): string =>
  `^(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll(' > ', '( > | )')).join('|')})$`;
