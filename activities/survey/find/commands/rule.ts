import type { CheckPurpose } from '#workflows/domain/survey/environment.ts';
import { accepts, type Options } from './options.ts';

/** A program on the list: its purpose by its arguments; undefined: this use of it is not on the list. */
export type Rule = (args: readonly string[]) => CheckPurpose | 'setup' | undefined;

export const rule =
  (purpose: CheckPurpose | 'setup', options: Options): Rule =>
  (args) =>
    accepts(options, args) ? purpose : undefined;

/** By the first argument. */
export const by =
  (rules: Record<string, Rule>): Rule =>
  ([name = '', ...args]) =>
    Object.hasOwn(rules, name) ? rules[name]?.(args) : undefined;

/** The program must be called with one of these arguments, which keep it from changing files or from not ending. */
export const only =
  (needed: string[], inner: Rule): Rule =>
  (args) =>
    args.some((arg) => needed.includes(arg)) ? inner(args) : undefined;
