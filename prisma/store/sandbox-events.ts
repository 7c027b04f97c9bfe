import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { maxSandboxEvents, type sandboxEventData } from '#workflows/domain/events/sandbox-events.ts';
import type { StoreCore } from './core.ts';

type Report = Omit<z.output<typeof sandboxEventData>, 'sandbox_id'>;

const contentOf = (data: unknown) => {
  const { event_type, event_data } = data as Report;
  return [event_type, event_data];
};

/** Events that processes in sandboxes report. */
export function sandboxEventsStore(core: StoreCore) {
  return {
    /**
     * Stores a report once: its id is unique in the run.
     * @throws conflict for a run that has ended or has reported too much, and for an id that another report has.
     */
    report: (organizationId: string, runId: string, report: Report): Promise<'stored' | 'known'> =>
      core.change(async (tx, emit) => {
        const run = await tx.run.findFirst({ where: { id: runId, organization_id: organizationId } });
        if (!run) throw notFound('run');
        const { project_id, spec_id, task_id, sandbox_id } = run;
        const event = {
          type: 'sandbox.reported' as const,
          organization_id: organizationId,
          project_id,
          entity: { kind: 'run', id: runId },
          data: { run_id: runId, spec_id, task_id, sandbox_id, ...report },
        };
        // The lock of each event, taken early: two reports with one id come one after the other.
        await tx.$queryRaw`SELECT id FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`;
        const reported = {
          organization_id: organizationId,
          entity_kind: 'run',
          entity_id: runId,
          type: 'sandbox.reported',
        };
        const earlier = await tx.event.findFirst({
          where: { ...reported, data: { path: ['event_id'], equals: report.event_id } },
        });
        if (earlier) {
          // As it would be stored: without secrets.
          const [again] = core.checked([event]);
          if (isDeepStrictEqual(contentOf(earlier.data), contentOf(again?.data))) return 'known';
          throw new AppError('conflict', `event_id: ${report.event_id} is the id of another event of this run.`);
        }
        if (run.ended_at) throw new AppError('conflict', 'The run has ended: nothing happens in its sandbox.');
        if ((await tx.event.count({ where: reported })) >= maxSandboxEvents)
          throw new AppError('conflict', `A run keeps at most ${maxSandboxEvents} events of its sandbox.`);
        emit(event);
        return 'stored';
      }),
  };
}
