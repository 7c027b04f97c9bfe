import fc from 'fast-check';
import type { Services } from '#activities/ports/services.ts';
import { tellQueue } from '#activities/ports/tell-queue.ts';
import { createSlots } from '#activities/task/slot.ts';

const project = { organization_id: 'o', project_id: 'p' };

/** A project's record and its queue, between which each read and each message takes its time. */
function world(scheduler: fc.Scheduler) {
  const row = { status: 'active', autonomous_execution_enabled: true };
  const queue = { open: true };
  const later = <T>(what: string, act: () => T): Promise<T> => scheduler.schedule(Promise.resolve(), what).then(act);
  const services = {
    config: { queue: {}, monitoring: { idle_stop: 60 } },
    store: {
      projects: { get: () => later('read', () => ({ ...row })) },
      runs: { get: () => Promise.resolve({ id: 'r', ticket_id: null }) },
    },
    workflows: {
      requestSlot: (_: object, { project_open: open }: { project_open: boolean }) =>
        later('request', () => void (queue.open = open)),
      signalIfRunning: (_id: string, _signal: object, { open }: { open: boolean }) =>
        later('signal', () => {
          queue.open = open;
          return true;
        }),
      ensureWatchers: () => Promise.resolve(),
    },
  } as unknown as Services;
  return { row, queue, services, later };
}

test('a queue that slots are asked of while its project is opened and closed ends as the project is', () =>
  fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('open', 'close', 'request'), { minLength: 2, maxLength: 6 }),
      async (scheduler, acts) => {
        const { row, queue, services, later } = world(scheduler);
        const slots = createSlots(services);
        const change = async (open: boolean) => {
          await later('change', () => void (row.autonomous_execution_enabled = open));
          await tellQueue(services, project);
        };
        const all = Promise.all(
          acts.map((act) =>
            act === 'request' ? slots.requestRunSlot({ ...project, run_id: 'r' }) : change(act === 'open'),
          ),
        );
        await scheduler.waitFor(all);
        expect(queue.open).toBe(row.autonomous_execution_enabled);
      },
    ),
    { numRuns: 400 },
  ));
