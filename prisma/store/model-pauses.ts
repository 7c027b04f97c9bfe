import type { Run } from './json.ts';
import type { StoreCore } from './core.ts';

/**
 * Providers that refuse every request of an organization until a person fixes the cause: a key, a model's name, a bill.
 * The first run that meets it writes the pause, and the others wait without a request of their own.
 */
export function modelPausesStore(core: StoreCore) {
  return {
    /** Writes the pause once, and notifies people once. A later run with another cause changes nothing. */
    begin: (run: Run & { model_key_id: string | null }, { reason, message }: { reason: string; message: string }) =>
      core.change(async (tx, emit) => {
        const { organization_id, provider, model_key_id: keyId } = run;
        const { count } = await tx.modelPause.createMany({
          data: [{ organization_id, provider, model_key_id: keyId ?? '', run_id: run.id, reason, message }],
          skipDuplicates: true,
        });
        if (count === 0) return;
        emit({
          type: 'model.request_refused',
          organization_id,
          project_id: run.project_id,
          entity: { kind: 'model', id: run.model },
          data: {
            kind: run.kind,
            subject: run.id,
            model: run.model,
            provider,
            reason: message,
            run_id: run.id,
            task_id: run.task_id,
            ticket_id: run.ticket_id,
            spec_id: run.spec_id,
          },
        });
      }),

    /** The messages of the pauses that refusals of an own key began. */
    ofKey: (keyId: string) =>
      core.read((db) =>
        db.modelPause.findMany({
          where: { model_key_id: keyId },
          select: { organization_id: true, provider: true, message: true },
        }),
      ),

    /** Ends the pause of a provider with this message. */
    lift: (organizationId: string, provider: string, message: string) =>
      core.change(
        async (tx) =>
          void (await tx.modelPause.deleteMany({ where: { organization_id: organizationId, provider, message } })),
      ),

    /** Ids of the runs that wait for the end of a pause; none where the message is not the one of a pause. */
    waitingRuns: (organizationId: string, provider: string, message: string) =>
      core.read(async (db) => {
        const pause = { organization_id: organizationId, provider, message };
        if ((await db.modelPause.count({ where: pause })) === 0) return [];
        const rows = await db.run.findMany({
          where: { organization_id: organizationId, provider, status: 'paused', waiting_reason: message },
          select: { id: true },
        });
        return rows.map(({ id }) => id);
      }),
  };
}
