import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
  type ExternalWorkflowHandle,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { Signal, Update } from '../contracts/message.ts';
import { cutStart, storableValue, textFlaw } from '../domain/text.ts';
import { records } from './activities.ts';
import { failureOf, wasCancelled } from './failure.ts';

/** The value that the data converter puts in place of a payload that it cannot decode. */
interface Undecodable {
  invalid: string;
}

const isUndecodable = (input: unknown): input is Undecodable =>
  typeof input === 'object' && input !== null && 'invalid' in input && Object.keys(input).length === 1;

function reasonOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`).join('; ');
}

/**
 * Parses the input of a signal or update with its schema. Text that cannot be stored is not valid: a step would fail on
 * it after the caller's answer.
 * @returns the value, or the reason why it is not valid.
 */
function readInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
): { ok: true; value: z.output<S> } | { ok: false; reason: string } {
  if (isUndecodable(input)) return { ok: false, reason: input.invalid };
  const parsed = schema.safeParse(input ?? {});
  if (!parsed.success) return { ok: false, reason: reasonOf(parsed.error) };
  const flaw = textFlaw(parsed.data);
  if (flaw) return { ok: false, reason: `${flaw.path.join('.') || 'input'}: holds ${flaw.problem}; remove it` };
  return { ok: true, value: parsed.data };
}

function requireInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const read = readInput(schema, input);
  if (!read.ok) throw ApplicationFailure.nonRetryable(read.reason, 'invalid_body');
  return read.value;
}

/** The error that refuses an update in the workflow's present state. The caller gets the message. */
export const refuse = (message: string) => ApplicationFailure.nonRetryable(message, 'conflict');

/** The answer of a handler. A step that failed reaches the caller with its own reason. */
async function answered<T>(apply: () => T | Promise<T>): Promise<T> {
  try {
    return await apply();
  } catch (error) {
    if (!(error instanceof ActivityFailure) || wasCancelled(error)) throw error;
    const { reason, message } = failureOf(error);
    throw ApplicationFailure.nonRetryable(message, reason);
  }
}

/**
 * Handles an update. Input that the schema or `check` refuses reaches neither `apply` nor the history. `check` is
 * synchronous: an asynchronous validator would block the caller and repeat the workflow task for ever.
 */
export function handleUpdate<S extends z.ZodType, A extends z.ZodType>(
  update: Update<S, A>,
  handler: {
    check?: (input: z.output<S>) => void;
    apply: (input: z.output<S>) => z.output<A> | Promise<z.output<A>>;
  },
): void {
  setHandler(update, (raw) => answered(() => handler.apply(requireInput(update.schema, raw))), {
    validator: (raw) => {
      const input = requireInput(update.schema, raw);
      handler.check?.(input);
    },
  });
}

/**
 * Handlers of a workflow's signals. A signal that is not valid or not known never blocks the workflow: it is kept, and
 * recorded later.
 */
export class SignalHandlers {
  private ignored: { name: string; reason: string }[] = [];

  constructor(private readonly scope: { organization_id: string; project_id: string | null }) {}

  handle<S extends z.ZodType>(signal: Signal<S>, apply: (input: z.output<S>) => void): void {
    setHandler(signal, (raw) => {
      const read = readInput(signal.schema, raw);
      if (read.ok) apply(read.value);
      else this.ignore(signal.name, read.reason);
    });
  }

  /**
   * Accepts every signal that has no handler. Call it after all handlers are set: Temporal buffers signals that came
   * with the start, and would otherwise pass them to this handler.
   */
  ignoreRest(): void {
    setDefaultSignalHandler((name) => this.ignore(name, 'not a signal of this workflow'));
  }

  get someIgnored(): boolean {
    return this.ignored.length > 0;
  }

  /** Records the signals that were ignored since the last call, if any. */
  async recordIgnored(): Promise<void> {
    if (this.ignored.length === 0) return;
    const { organization_id, project_id } = this.scope;
    const signals = this.ignored;
    this.ignored = [];
    await records.recordIgnoredSignals({
      organization_id,
      project_id,
      workflow_id: workflowInfo().workflowId,
      signals,
    });
  }

  private ignore(name: string, reason: string): void {
    // Bounded, so that a flood of them cannot grow the state without end.
    if (this.ignored.length < 100) this.ignored.push({ name, reason: cutStart(reason, 500) });
  }
}

type Receiver = Pick<ExternalWorkflowHandle, 'signal'>;

/** The error of the SDK for a signalled workflow that has ended or never started. It has no class of its own. */
const isNotFound = (error: unknown) => error instanceof ApplicationFailure && /it was not found/.test(error.message);

/**
 * Sends a signal to a workflow that may have ended or not started yet. Its text is made storable, since the receiver
 * ignores other text.
 * @returns false when it does not run.
 * @throws any other error, cancellation included.
 */
export async function signalIfRunning<S extends z.ZodType>(
  receiver: string | Receiver,
  signal: Signal<S>,
  input: z.input<S>,
): Promise<boolean> {
  const handle: Receiver = typeof receiver === 'string' ? getExternalWorkflowHandle(receiver) : receiver;
  try {
    await handle.signal(signal, storableValue(input));
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Runs work that the caller does not await. An error in it is logged and never fails the workflow. */
export function inBackground(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    (error: unknown) => {
      if (!wasCancelled(error)) log.warn('work in the background failed', { error: failureOf(error).message });
    },
  );
}
