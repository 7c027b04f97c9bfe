import { progressQuery } from '#workflows/contracts/progress.ts';
import type { Retrying } from '#workflows/domain/retrying.ts';
import type { Services } from '#activities/ports/services.ts';

/** Milliseconds for which an answer counts: readers that poll do not ask the worker each time. */
const freshMs = 1000;
/** Milliseconds after which a worker that does not answer is left alone: the record is shown without it. */
const patienceMs = 500;
const maxKept = 1000;

interface Known {
  until: number;
  retrying: Promise<Retrying | null>;
}

const known = new WeakMap<Services, Map<string, Known>>();

async function ask(services: Services, id: string): Promise<Retrying | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs).unref());
  const asked = services.workflows.query(id, progressQuery).then(
    ({ retrying }) => retrying,
    // It has not started, or has ended, or Temporal does not answer: nothing is known to be retried.
    () => null,
  );
  return Promise.race([asked, late]);
}

/**
 * The step that a workflow retries, with the reason and the time of the next try; null when it retries none.
 * @param record of which the workflow is: one that has ended is not asked.
 */
export function retryingOf(
  services: Services,
  id: string,
  record: { ended_at: Date | null },
): Promise<Retrying | null> | null {
  if (record.ended_at) return null;
  const answers = known.get(services) ?? new Map<string, Known>();
  known.set(services, answers);
  const kept = answers.get(id);
  if (kept && kept.until > Date.now()) return kept.retrying;
  if (answers.size >= maxKept) answers.clear();
  const retrying = ask(services, id);
  answers.set(id, { until: Date.now() + freshMs, retrying });
  return retrying;
}
