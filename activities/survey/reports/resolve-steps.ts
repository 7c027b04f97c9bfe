import { parseCommands, type SimpleCommand } from './parse-commands.ts';
import { packageScript, recipe } from './scripts.ts';
import type { RootFacts } from './reader.ts';
import { unwrap } from './wrappers.ts';

/** One program that a command runs. */
export interface Step {
  /** Name without its folder: `jest`, `pytest`, `go`. */
  program: string;
  args: string[];
  /** Variables that are set for this program alone. */
  assignments: string[];
  /** Where the whole command takes further arguments for this step, and the separators that must come first. */
  end?: { at: number; separators: string[] };
  /** For a step that is written in the command itself: the offset behind each of `args`. */
  argEnds?: number[];
}

/** Scripts that call scripts are followed this deep: a script may call itself. */
const maxDepth = 6;
const maxSteps = 200;

/** The programs that a command runs, through the scripts of package.json and composer.json, Makefiles and justfiles. */
export function resolveSteps(text: string, root: RootFacts): Step[] {
  return stepsOf(text, root, 0).slice(0, maxSteps);
}

function stepsOf(text: string, root: RootFacts, depth: number): Step[] {
  const commands = parseCommands(text);
  return commands.flatMap((command) => stepsOfCommand(command, root, depth));
}

function stepsOfCommand(command: SimpleCommand, root: RootFacts, depth: number): Step[] {
  const { words, skipped, assignments } = unwrap(command.words);
  const [program, ...args] = words;
  if (!program) return [];
  const step: Step = {
    program: program.replace(/^.*[\\/]/, ''),
    args,
    assignments,
    end: { at: command.end, separators: [] },
    argEnds: command.ends.slice(skipped + 1),
  };
  if (depth >= maxDepth) return [step];
  const script = packageScript(step.program, args, root);
  if (script !== undefined) {
    const inner = stepsOf(script.text, root, depth + 1);
    return inner.map(({ argEnds: _, end, ...rest }) =>
      // The package manager writes further arguments behind the script's text: they reach its last command alone.
      end && script.separators && script.text.slice(end.at).trim() === ''
        ? { ...rest, end: { at: command.end, separators: [...script.separators, ...end.separators] } }
        : rest,
    );
  }
  const lines = recipe(step.program, args, root);
  if (lines !== undefined)
    return lines.flatMap((line) => stepsOf(line, root, depth + 1)).map(({ argEnds: _, end: __, ...rest }) => rest);
  return [step];
}
