import { z } from 'zod';
import type { Contract } from '../contracts/contract.ts';

interface CallParts {
  /** Which of the tool's calls it is; by default the first. */
  by?: Contract;
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: Record<string, unknown>;
}

/** A tool of `/mcp`: calls of the REST interface under another name, with the same rights and the same effect. */
export interface Tool {
  name: string;
  /** What it does, for the model that chooses it. */
  description: string;
  /** The call that it makes, and others that its arguments may mean. */
  calls: readonly [Contract, ...Contract[]];
  /** Its arguments. What a client may send is described by it, and others are refused. */
  input: z.ZodObject;
  /** The parts of the call, from its arguments. */
  parts(input: Record<string, unknown>): CallParts;
}

/** Declares a tool. Its arguments are described here, and checked by its call as well. */
export function tool<I extends z.ZodObject>(
  name: string,
  calls: Contract | readonly [Contract, ...Contract[]],
  description: string,
  input: I,
  parts: (input: z.output<I>) => CallParts,
): Tool {
  return {
    ...{ name, description, input: input.strict(), calls: 'method' in calls ? [calls] : calls },
    // Its arguments have been parsed by the same schema.
    parts: (given) => parts(given as z.output<I>),
  };
}

/** An id in the arguments. Whether it names something is found by the call, as by REST. */
export const id = (what: string) => z.string().min(1).max(200).describe(`The id of ${what}.`);

/** The same parts of a list: how many rows, and where the page before ended. */
export const page = (most: number, usual: number) => ({
  limit: z.number().int().min(1).max(most).default(usual),
  cursor: z.string().max(200).optional().describe('The next_cursor of the page before.'),
});

/** Only what is given, so that a call's own defaults hold for the rest. */
export const given = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** A text for people of at least ten characters, so that it says something. */
export const comment = (what: string) => z.string().trim().min(10).max(2000).describe(what);
