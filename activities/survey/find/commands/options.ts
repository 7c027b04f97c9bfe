import { isInside } from './shell-words.ts';

/** The arguments that a program may get. Everything else makes the command one that is only shown. */
export interface Options {
  /** Options without a value. */
  flags?: string;
  /** Options with a value: `--name value` or `--name=value`. */
  values?: string;
  /** Arguments that are no options; undefined: none. */
  words?: RegExp;
  /** Whether at least one such word must be there. */
  needsWord?: boolean;
  /** Arguments after `--`. */
  rest?: Options;
}

const listed = (list: string | undefined, name: string) => list?.split(' ').includes(name) ?? false;

export function accepts(options: Options, args: readonly string[]): boolean {
  let words = 0;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return options.rest !== undefined && accepts(options.rest, args.slice(at + 1));
    if (arg.startsWith('-')) {
      const [, name = arg, value] = /^(--?[\w-]+)=(.*)$/.exec(arg) ?? [];
      if (value !== undefined) {
        if (!listed(options.values, name) || !isInside(value)) return false;
      } else if (listed(options.values, name)) {
        at += 1;
        const next = args[at];
        if (next === undefined || !isInside(next)) return false;
      } else if (
        !listed(options.flags, name) &&
        !(/^-[jnT]\d{1,3}C?$/.test(arg) && listed(options.values, arg.slice(0, 2)))
      )
        return false;
    } else {
      if (!options.words?.test(arg) || !isInside(arg)) return false;
      words += 1;
    }
  }
  return !options.needsWord || words > 0;
}

/** A path inside the folder. */
export const paths = /^[\w.][\w@+./:[\]-]*$/;
