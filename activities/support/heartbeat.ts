import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/** What activities under way do now. */
const steps = new WeakMap<Context, unknown>();

/** The heartbeats of an activity tell its step under way, for whoever looks at it in Temporal. */
export function say(step: unknown, context = Context.current()): void {
  steps.set(context, step);
}

/**
 * Runs long work with a heartbeat: a dead worker is detected within seconds, and cancellations reach the activity.
 * @param everyMs must be well below the activity's heartbeat timeout.
 */
export async function withHeartbeat<T>(everyMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(steps.get(context)), everyMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(beat);
  }
}

function whyGivenUp({ cancellationDetails: details }: Context): string {
  if (details?.paused) return 'An operator has paused it in Temporal; it continues when it is unpaused there.';
  if (details?.reset) return 'An operator has reset it in Temporal; it begins again.';
  return 'The worker ends; another one continues.';
}

/**
 * The error that an aborted activity throws: a cancellation if one was requested, otherwise a retryable error for the
 * next worker. A worker that shuts down, or counts as dead, aborts its activities too, and so does an operator who pauses
 * or resets one.
 */
export function givenUp(what: string, context = Context.current()): Error {
  if (context.cancellationDetails?.cancelRequested) return new CancelledFailure(what);
  return ApplicationFailure.create({ type: 'handed_over', message: `${what} ${whyGivenUp(context)}` });
}

/**
 * Distinguishes an interrupt from a worker's shutdown, for steps whose command the next worker finds running.
 * `handedOver` rejects at a shutdown and never settles otherwise.
 */
export function splitSignal(signal: AbortSignal): { interrupt: AbortSignal; handedOver: Promise<never> } {
  // An abort is raised outside of the activity, where its context is not available.
  const context = Context.current();
  const interrupt = new AbortController();
  const handedOver = new Promise<never>((_, reject) => {
    const look = () =>
      context.cancellationDetails?.cancelRequested ? interrupt.abort() : reject(givenUp('The step was left.', context));
    if (signal.aborted) look();
    else signal.addEventListener('abort', look, { once: true });
  });
  handedOver.catch(() => undefined);
  return { interrupt: interrupt.signal, handedOver };
}
