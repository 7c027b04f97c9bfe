import type { StoreCore } from './core.ts';
import type { Ticket } from '../generated/client.ts';

/** Most tickets that are looked at. */
const most = 50;

/** A ticket whose work in its phase has ended, or whose gate was judged without any, and when. */
export type TicketAtGate = Pick<Ticket, 'id' | 'key' | 'title' | 'project_id' | 'phase_id'> & { since: Date };

/** The tickets that stand before the gate of their phase. */
export function gateQueueStore(core: StoreCore) {
  return {
    /** Tickets that people lead from phase to phase, whose tasks of the phase have all ended; the longest wait first. */
    ticketsAtGates: (organizationId: string, projectId?: string): Promise<TicketAtGate[]> =>
      core.read(async (db) => {
        const rows = await db.ticket.findMany({
          where: {
            ...{ organization_id: organizationId, project_id: projectId, archived_at: null, spec_id: null },
            ...{ workflow_mode: 'spec_driven', ended_at: null, status: { notIn: ['done', 'cancelled'] } },
            // Its approval is a gate of its own.
            OR: [{ approval_status: null }, { approval_status: 'approved' }],
            tasks: { none: { ended_at: null } },
          },
          include: {
            tasks: { select: { phase_id: true, ended_at: true } },
            gates: { select: { phase_id: true, created_at: true }, orderBy: { attempt: 'asc' } },
          },
          orderBy: { updated_at: 'asc' },
          take: most,
        });
        return rows.flatMap(({ id, key, title, project_id, phase_id, tasks, gates }) => {
          const ends = tasks.flatMap((task) => (task.phase_id === phase_id && task.ended_at ? [task.ended_at] : []));
          const judged = gates.flatMap((gate) => (gate.phase_id === phase_id ? [gate.created_at] : []));
          // The first judgement counts where the phase had no task.
          const since = ends.sort((a, b) => b.getTime() - a.getTime())[0] ?? judged[0];
          return since ? [{ id, key, title, project_id, phase_id, since }] : [];
        });
      }),
  };
}
