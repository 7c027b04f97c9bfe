import { setDefaultSignalHandler, setHandler, type SignalDefinition } from '@temporalio/workflow';
import type { z } from 'zod';
import { ApplicationFailure } from '@temporalio/common';

/** What the data converter makes of a payload that nobody can read. */
interface Undecodable {
  invalid: string;
}

const isUndecodable = (input: unknown): input is Undecodable =>
  typeof input === 'object' && input !== null && 'invalid' in input && Object.keys(input).length === 1;

function reasonOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
}

/** Reads the input of a signal or update by its schema; says why where it does not fit. */
function readInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
): { ok: true; value: z.output<S> } | { ok: false; reason: string } {
  if (isUndecodable(input)) return { ok: false, reason: input.invalid };
  const parsed = schema.safeParse(input ?? {});
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, reason: reasonOf(parsed.error) };
}

/** For update validators: synchronous, and a refusal reaches the caller in words. */
export function requireInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const read = readInput(schema, input);
  if (!read.ok) throw ApplicationFailure.nonRetryable(read.reason, 'invalid_body');
  return read.value;
}

export const refuse = (message: string) => ApplicationFailure.nonRetryable(message, 'conflict');

/** Signals that could not be read or that nobody knows: kept to be recorded, never a stuck workflow. */
export class IgnoredSignals {
  private list: { name: string; reason: string }[] = [];

  /**
   * Takes in every signal that has no handler. Called after all handlers are set: signals that came with the start
   * wait for theirs, and would be taken for unknown ones.
   */
  catchRest(): void {
    setDefaultSignalHandler((name) => this.add(name, 'no signal of this workflow'));
  }

  add(name: string, reason: string): void {
    // A flood of them must not grow the state without end.
    if (this.list.length < 100) this.list.push({ name, reason: reason.slice(0, 500) });
  }

  handle<S extends z.ZodType>(
    signal: SignalDefinition<[unknown]>,
    schema: S,
    take: (value: z.output<S>) => void,
  ): void {
    setHandler(signal, (input) => {
      const read = readInput(schema, input);
      if (read.ok) take(read.value);
      else this.add(signal.name, read.reason);
    });
  }

  get some(): boolean {
    return this.list.length > 0;
  }

  take(): { name: string; reason: string }[] {
    const taken = this.list;
    this.list = [];
    return taken;
  }
}
