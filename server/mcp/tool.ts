import { z } from 'zod';
import type { Contract } from '../contracts/contract.ts';

interface CallParts {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: Record<string, unknown>;
}

/** A tool of `/mcp`: a call of the REST interface by another name, with the same rights and the same effect. */
export interface Tool {
  name: string;
  /** What it does, for the model that chooses it. */
  description: string;
  contract: Contract;
  /** Its arguments. What a client may send is described by it, and others are refused. */
  input: z.ZodObject;
  /** The parts of the call, from its arguments. */
  parts(input: Record<string, unknown>): CallParts;
}

/** Declares a tool. */
export function tool<I extends z.ZodObject>(
  name: string,
  contract: Contract,
  description: string,
  input: I,
  parts: (input: z.output<I>) => CallParts,
): Tool {
  return { name, contract, description, input: input.strict(), parts: (given) => parts(given as z.output<I>) };
}

/** An id in the arguments. Whether it names something is found by the call, as by REST. */
export const id = (what: string) => z.string().min(1).max(200).describe(`The id of ${what}.`);
