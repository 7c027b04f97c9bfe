import type { Services } from '../ports/services.ts';
import { checkoutOf, makeSandbox, type Housed } from './sandbox.ts';

/** A sandbox that no run has taken by then is given back. */
const keptMs = 60_000;

const madeNow = () => ({ made_ahead: new Date().toISOString() });

type Used = Pick<Services, 'sandbox' | 'store' | 'config' | 'repositories' | 'model' | 'log'>;

/** Whether the run of a sandbox goes on and looks for it on this machine. */
async function isTaken({ sandbox, store }: Used, labels: Record<string, string>): Promise<boolean> {
  const host = await store.runs.sandboxHost(labels.organization_id ?? '', labels.run_id ?? '');
  return host !== undefined && host === (sandbox.host ?? null);
}

async function dropUnlessTaken(services: Used, id: string): Promise<void> {
  const labels = await services.sandbox.labels(id);
  if (!labels?.made_ahead || (await isTaken(services, labels))) return;
  await services.sandbox.destroy(id, labels.project_id);
}

/**
 * Makes the sandbox of a run that does not exist yet. Its run takes it, or it is given back after a minute: here, or by
 * the health watch of the project where this process has ended.
 */
export async function makeAhead(services: Used, run: Housed): Promise<void> {
  if ((await services.sandbox.status(run.sandbox_id)) !== 'absent') return;
  await makeSandbox(services, run, madeNow());
  setTimeout(() => {
    dropUnlessTaken(services, run.sandbox_id).catch((error: unknown) =>
      services.log.warn({ sandbox_id: run.sandbox_id, error: String(error) }, 'an unused sandbox could not be removed'),
    );
  }, keptMs).unref();
}

/**
 * Makes the sandbox of a run whose row is about to be stored, or takes the one that was made ahead. A sandbox keeps the
 * files that it began with: one with other files is thrown away.
 * @returns a call that records it; undefined where it could not be made.
 */
export async function takeOrMake(services: Used, run: Housed): Promise<(() => Promise<void>) | undefined> {
  await dropWrong(services, run);
  const record = await makeSandbox(services, run, madeNow());
  // Another try of the same step may have made it in between, at another commit.
  return (await dropWrong(services, run)) ? undefined : record;
}

/** @returns whether there was a sandbox with other files than the run's. */
async function dropWrong({ sandbox }: Pick<Services, 'sandbox'>, run: Housed): Promise<boolean> {
  const labels = await sandbox.labels(run.sandbox_id);
  if (!labels || labels.checkout === checkoutOf(run)) return false;
  await sandbox.destroy(run.sandbox_id, run.project_id);
  return true;
}

/** Removes the sandboxes on this machine that were made ahead, that no run has taken, and whose process has ended. */
export async function dropUnused(services: Used, projectId: string): Promise<void> {
  for (const id of await services.sandbox.list()) {
    const labels = await services.sandbox.labels(id);
    if (!labels?.made_ahead || labels.project_id !== projectId) continue;
    if (Date.now() - Date.parse(labels.made_ahead) > keptMs) await dropUnlessTaken(services, id);
  }
}
