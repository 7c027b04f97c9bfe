import { ActivityFailure, ApplicationFailure, sleep, TimeoutFailure, workflowInfo } from '@temporalio/workflow';
import type { Retrying } from '../domain/retrying.ts';
import {
  isPassing,
  outlivesWorker,
  passingErrors,
  recordingSteps,
  retryDelay,
  workerDiedType,
} from '../domain/passing-errors.ts';
import { failureOf, wasCancelled } from './failure.ts';

/** The steps that are being retried, by run id: workflows in one isolate may share this module. */
const byRun = new Map<string, Map<object, Retrying>>();

/** The step that this workflow has retried the longest; null when every step goes on. */
export function retryingNow(): Retrying | null {
  const [longest] = byRun.get(workflowInfo().runId)?.values() ?? [];
  return longest ?? null;
}

/** Shows in `progress` that something is retried, until it is called again for the key without it. */
export function showRetrying(key: object, retrying?: Retrying): void {
  const { runId } = workflowInfo();
  const steps = byRun.get(runId) ?? new Map<object, Retrying>();
  if (retrying) steps.set(key, retrying);
  else steps.delete(key);
  if (steps.size > 0) byRun.set(runId, steps);
  else byRun.delete(runId);
}

/** A worker that stops hands its steps over: they are repeated at once, and not counted. */
const wasHandedOver = ({ cause }: ActivityFailure): boolean =>
  cause instanceof ApplicationFailure && cause.type === 'handed_over';

/** A dead worker is not a failure of the step: it is repeated at once, a limited number of times. */
const workerDied = ({ cause }: ActivityFailure): boolean =>
  (cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT') ||
  (cause instanceof ApplicationFailure && cause.type === workerDiedType);

const diedUnder = 'The worker died while it ran the step.';

/** Seconds of waiting after which a step that failed so ends; 0 for a failure that cannot pass. */
function patience(step: string, { cause }: ActivityFailure): number {
  if (recordingSteps.has(step)) return Infinity;
  if (cause instanceof TimeoutFailure) return passingErrors.timeout;
  const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
  return isPassing(type) ? passingErrors[type] : 0;
}

/** Milliseconds that the failure asks to wait. */
function askedDelay(error: ActivityFailure): number | undefined {
  const delay = error.cause instanceof ApplicationFailure ? error.cause.nextRetryDelay : undefined;
  return typeof delay === 'number' ? delay : undefined;
}

/**
 * Runs a step until it succeeds. The server repeats a failed try within seconds; after that the workflow waits itself,
 * so that `progress` shows it, and a stop or a cancellation ends the wait.
 * @throws the failure of a step that cannot pass by itself, or that has waited as long as its error may.
 */
export async function retried<T>(step: string, run: () => Promise<T>): Promise<T> {
  const key = {};
  let since: string | undefined;
  let failures = 0;
  let deaths = 0;
  let waited = 0;
  try {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (wasCancelled(error) || !(error instanceof ActivityFailure)) throw error;
        if (wasHandedOver(error)) continue;
        if (workerDied(error)) {
          deaths += 1;
          if (!outlivesWorker(deaths) && !recordingSteps.has(step)) throw error;
          const now = new Date().toISOString();
          since ??= now;
          showRetrying(key, { step, since, attempt: failures + deaths + 1, error: diedUnder, next_try_at: now });
          continue;
        }
        failures += 1;
        const delay = Math.max(askedDelay(error) ?? 0, retryDelay(failures));
        waited += delay;
        if (waited > patience(step, error) * 1000) throw error;
        since ??= new Date().toISOString();
        showRetrying(key, {
          step,
          since,
          attempt: failures + deaths + 1,
          error: failureOf(error).message,
          next_try_at: new Date(Date.now() + delay).toISOString(),
        });
        await sleep(delay);
      }
    }
  } finally {
    if (since) showRetrying(key);
  }
}

/** Activities of which each call is `retried`. */
export function retriedActivities<A extends object>(activities: A): A {
  return new Proxy(activities, {
    get(target, name) {
      const run: unknown = Reflect.get(target, name);
      if (typeof run !== 'function') return run;
      return (...input: unknown[]) =>
        retried(String(name), () => Reflect.apply(run, target, input) as Promise<unknown>);
    },
  });
}
