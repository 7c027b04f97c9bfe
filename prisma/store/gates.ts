import type { GateArtifact as Brought, GateDecision, GateInput } from '#workflows/domain/tasks/gates.ts';
import { handOver, type Brought as Handed } from '#workflows/domain/tasks/hand-over.ts';
import type { GateArtifact, Ticket } from '../generated/client.ts';
import type { boardPhasesStore } from './board-phases.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson, gateResultRow, taskRow, type GateResult } from './json.ts';
import { lockTicket } from './row-locks.ts';
import { pageFromOldest, pageOf, type PageQuery } from './page.ts';

export type { GateArtifact } from '../generated/client.ts';
export type { GateResult } from './json.ts';

/** Results of tasks and tickets that a person refused show nothing. */
const refused = ['disputed', 'rejected'];
/** Most artifacts of a ticket that are read. */
const mostArtifacts = 500;

const eventOf = (ticket: Ticket) => ({
  organization_id: ticket.organization_id,
  project_id: ticket.project_id,
  entity: { kind: 'ticket' as const, id: ticket.id },
});
const keysOf = ({ id: ticket_id, key, spec_id }: Ticket) => ({ ticket_id, key, spec_id });

/** Writes how a gate was judged, with the next number of its phase, in the transaction of what follows from it. */
export async function writeGateResult(tx: Transaction, emit: Emit, ticket: Ticket, result: GateDecision) {
  const { id, checklist, ...input } = result;
  const known = await tx.gateResult.findUnique({ where: { id } });
  if (known) return known;
  const row = await tx.gateResult.create({
    data: {
      ...input,
      id,
      organization_id: ticket.organization_id,
      ticket_id: ticket.id,
      attempt: (await tx.gateResult.count({ where: { ticket_id: ticket.id, phase_id: input.phase_id } })) + 1,
      checklist: asJson(checklist),
    },
  });
  const { phase_id, gate_status, decision, decided_by: by } = row;
  emit({
    ...eventOf(ticket),
    type: 'ticket.gate_judged',
    data: { ...keysOf(ticket), phase_id, gate_status, decision, by },
  });
  return row;
}

/** What a phase brought: the results of its completed tasks, then its artifacts. */
const broughtBy = (phase_id: string, { artifacts, tasks }: GateInput = { artifacts: [], tasks: [] }): Handed[] => [
  ...tasks
    .filter(({ status }) => status === 'completed')
    .map(({ title = '', summary }) => ({ phase_id, title, content: { summary } })),
  ...artifacts.map(({ artifact_type: title, artifact_content: content }) => ({ phase_id, title, content })),
];

/** What the phases of tickets bring, and how their gates were judged (PLAN-26). */
export function gatesStore(core: StoreCore, phases: Pick<ReturnType<typeof boardPhasesStore>, 'all'>) {
  /** What the gates of a ticket's phases read, by phase: artifacts, reported results and tasks, oldest first. */
  const inputs = (organizationId: string, ticketId: string): Promise<Record<string, GateInput>> =>
    core.read(async (db) => {
      const where = { organization_id: organizationId, ticket_id: ticketId };
      const newest = { orderBy: { created_at: 'desc' as const }, take: mostArtifacts };
      const [artifacts, results, rows] = await Promise.all([
        db.gateArtifact.findMany({ where, ...newest }),
        db.workResult.findMany({ where: { ...where, task_id: { not: null }, status: { notIn: refused } }, ...newest }),
        db.task.findMany({ where, orderBy: { number: 'asc' } }),
      ]);
      const tasks = rows.map(taskRow);
      const phaseOf = new Map(tasks.map(({ id, phase_id }) => [id, phase_id]));
      const brought = [
        ...artifacts.map((one) => ({ ...one, at: one.created_at })),
        ...results.map((one) => ({
          phase_id: phaseOf.get(one.task_id ?? '') ?? '',
          artifact_type: one.result_type,
          artifact_path: null,
          artifact_content: one.markdown,
          submitted_by: one.submitted_by,
          at: one.created_at,
        })),
      ].sort((a, b) => a.at.getTime() - b.at.getTime());
      const phases = new Set([...brought, ...tasks].map(({ phase_id }) => phase_id));
      return Object.fromEntries(
        [...phases].map((id) => [
          id,
          {
            artifacts: brought.filter(({ phase_id }) => phase_id === id),
            tasks: tasks
              .filter(({ phase_id }) => phase_id === id)
              .map(({ key, title, status, result }) => ({
                ...{ key, title, status, summary: result?.summary ?? '' },
                check: status === 'completed' ? (result?.check ?? null) : null,
              })),
          },
        ]),
      );
    });

  return {
    /** Stores an artifact. The same id gives the same artifact. */
    addArtifact: (
      organizationId: string,
      ticketId: string,
      { artifact_content, ...input }: { id: string; phase_id: string } & Brought,
    ): Promise<GateArtifact> =>
      core.change(async (tx, emit) => {
        const ticket = await lockTicket(tx, organizationId, ticketId);
        const known = await tx.gateArtifact.findUnique({ where: { id: input.id } });
        if (known) return known;
        const row = await tx.gateArtifact.create({
          data: {
            ...input,
            ticket_id: ticketId,
            organization_id: organizationId,
            artifact_content: asJson(artifact_content as object),
          },
        });
        const { phase_id, artifact_type, submitted_by: by } = row;
        emit({
          ...eventOf(ticket),
          type: 'ticket.artifact_added',
          data: { ...keysOf(ticket), phase_id, artifact_type, by },
        });
        return row;
      }),
    artifacts: (organizationId: string, ticketId: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.gateArtifact.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ticket_id: ticketId }, query.where] },
          }),
        ),
      ),
    inputs,
    /** What the tasks of a phase have to know of the phases before it (MEM-10). */
    handedOver: async (ticket: Pick<Ticket, 'id' | 'organization_id' | 'project_id'>, phaseId: string) => {
      const [brought, all] = await Promise.all([inputs(ticket.organization_id, ticket.id), phases.all(ticket)]);
      const until = all.find(({ id }) => id === phaseId)?.sequence_order ?? 0;
      const earlier = all.filter(({ sequence_order: order }) => order < until);
      return handOver(earlier.flatMap(({ id: phase_id }) => broughtBy(phase_id, brought[phase_id])));
    },
    /** Stores how a gate was judged. The same id gives the same result. */
    record: (organizationId: string, ticketId: string, result: GateDecision): Promise<GateResult> =>
      core.change(async (tx, emit) =>
        gateResultRow(await writeGateResult(tx, emit, await lockTicket(tx, organizationId, ticketId), result)),
      ),
    results: (organizationId: string, ticketId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, async (query) => {
          const where = { AND: [{ organization_id: organizationId, ticket_id: ticketId }, query.where] };
          return (await db.gateResult.findMany({ ...query, where })).map(gateResultRow);
        }),
      ),
  };
}
