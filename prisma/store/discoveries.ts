import { createHash, randomUUID } from 'node:crypto';
import { normalised } from '#workflows/domain/comparable-text.ts';
import { failureSignature } from '#workflows/domain/discovery/signature.ts';
import {
  boostOf,
  branchOf,
  cappedBy,
  discoveryTitle,
  type DiscoveryCaps,
  type DiscoveryType,
} from '#workflows/domain/discovery/types.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Priority } from '#workflows/domain/tasks/states.ts';
import { checkMove } from '#workflows/domain/transitions.ts';
import type { Discovery } from '../generated/client.ts';
import { taskRow, type Task } from './json.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import { insertTask } from './tasks.ts';
import { requireOpen } from './tickets.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';

export type { Discovery } from '../generated/client.ts';

export interface NewDiscovery {
  organization_id: string;
  source_task_id: string;
  source_run_id?: string | null;
  /** run:turn:position of the report. A repeated report gives the same discovery. */
  source_call?: string | null;
  type: DiscoveryType;
  title?: string;
  description: string;
  priority?: Priority;
  priority_boost?: boolean;
  phase?: string;
  blocking: boolean;
  metadata?: object;
  embedded?: Embedded;
}

export interface RecordedDiscovery {
  discovery: Discovery;
  task: Task | null;
  duplicate_of: { id: string; title: string } | null;
}

/**
 * Records a discovery and creates its task, in one transaction. A duplicate of an open discovery of the ticket
 * creates no task. A discovery past a limit creates none either and requests a person's decision.
 */
export async function recordDiscovery(
  tx: Transaction,
  emit: Emit,
  input: NewDiscovery,
  rules: { caps: DiscoveryCaps; similarity: number },
): Promise<RecordedDiscovery> {
  if (input.source_call) {
    const known = await tx.discovery.findUnique({ where: { source_call: input.source_call } });
    if (known) {
      const original = known.duplicate_of ? await tx.discovery.findUnique({ where: { id: known.duplicate_of } }) : null;
      const task = known.spawned_task_ids[0]
        ? await tx.task.findUnique({ where: { id: known.spawned_task_ids[0] } })
        : null;
      return {
        discovery: known,
        task: task && taskRow(task),
        duplicate_of: original && { id: original.id, title: original.title },
      };
    }
  }
  const source = await tx.task.findFirst({
    where: { id: input.source_task_id, organization_id: input.organization_id },
  });
  if (!source) throw notFound('task');
  // The lock handles reports of several agents one after another. An agent's ticket runs, so it sees the task.
  if (input.source_call) await tx.$queryRaw`SELECT 1 FROM tickets WHERE id = ${source.ticket_id}::uuid FOR UPDATE`;
  else await requireOpen(tx, source.ticket_id);
  const hash = createHash('sha256').update(normalised(input.description)).digest('hex');
  const { distance, comparable } = comparedWith(input.embedded ? [input.embedded] : []);
  const [twin] = await tx.$queryRaw<{ id: string; title: string }[]>`
      SELECT id, title
      FROM discoveries
      WHERE ticket_id = ${source.ticket_id}::uuid
        AND duplicate_of IS NULL
        AND discovery_type = ${input.type}
        AND resolution_status IN ('open', 'in_progress')
        AND (content_hash = ${hash} OR (${comparable} AND 1 - ${distance} >= ${rules.similarity}))
      ORDER BY content_hash = ${hash} DESC, CASE WHEN ${comparable} THEN ${distance} END
      LIMIT 1`;

  const parent = source.discovery_id ? await tx.discovery.findUnique({ where: { id: source.discovery_id } }) : null;
  const depth = (parent?.depth ?? 0) + 1;
  const ofTask = await tx.discovery.count({
    where: { source_task_id: source.id, duplicate_of: null, capped_reason: null },
  });
  const openOfTicket = await tx.discovery.count({
    where: {
      ticket_id: source.ticket_id,
      duplicate_of: null,
      capped_reason: null,
      resolution_status: { in: ['open', 'in_progress'] },
    },
  });
  const signature = failureSignature(input.description);
  // Their failures count as fixed. The same failure in a new report shows that the fix failed.
  const ended = await tx.discovery.findMany({
    where: {
      ticket_id: source.ticket_id,
      duplicate_of: null,
      capped_reason: null,
      resolution_status: { in: ['resolved', 'invalid'] },
    },
    select: { description: true },
  });
  const repeats = ended.filter((other) => signature !== '' && failureSignature(other.description) === signature).length;
  const capped = twin ? null : cappedBy(rules.caps, { depth, of_task: ofTask, open_of_ticket: openOfTicket, repeats });
  const boost = input.priority_boost ?? boostOf(input.type);
  const branch = branchOf(
    input.type,
    { phase_id: source.phase_id, priority: source.priority as Priority },
    { phase: input.phase, priority: input.priority, boost },
  );
  const title = input.title?.trim() || discoveryTitle(input.description);

  const id = randomUUID();
  const base = {
    organization_id: source.organization_id,
    project_id: source.project_id,
    entity: { kind: 'discovery', id },
  };
  const discovery = await tx.discovery.create({
    data: {
      id,
      organization_id: source.organization_id,
      project_id: source.project_id,
      ticket_id: source.ticket_id,
      source_task_id: source.id,
      source_run_id: input.source_run_id,
      source_call: input.source_call,
      discovery_type: input.type,
      title,
      description: input.description,
      priority: branch.priority,
      priority_boost: boost,
      spawn_phase_id: branch.phase_id,
      blocking: input.blocking,
      depth,
      duplicate_of: twin?.id,
      capped_reason: capped,
      metadata: input.metadata ?? {},
      content_hash: hash,
    },
  });
  if (input.embedded) await setVector(tx, 'discoveries', id, input.embedded);
  emit({
    ...base,
    type: 'discovery.recorded',
    data: {
      discovery_id: id,
      discovery_type: input.type,
      title,
      source_task_id: source.id,
      ticket_id: source.ticket_id,
      spec_id: source.spec_id,
      duplicate_of: twin?.id ?? null,
      capped_reason: capped,
      blocking: input.blocking,
    },
  });
  if (twin) return { discovery, task: null, duplicate_of: twin };
  if (capped) {
    const ticket = await tx.ticket.update({
      where: { id: source.ticket_id },
      data: { needs_review: true, last_error: capped },
    });
    emit({
      ...base,
      entity: { kind: 'ticket', id: ticket.id },
      type: 'ticket.review_needed',
      data: { ticket_id: ticket.id, key: ticket.key, reason: capped, discovery_id: id },
    });
    return { discovery, task: null, duplicate_of: null };
  }
  const task = await insertTask(tx, emit, {
    organization_id: source.organization_id,
    project_id: source.project_id,
    ticket_id: source.ticket_id,
    spec_id: source.spec_id,
    task_type: `discovery_${input.type}`,
    title,
    description: input.description,
    phase_id: branch.phase_id,
    priority: branch.priority,
    parent_task_id: source.id,
    discovery_id: id,
    result: { triggered_by_discovery: id },
  });
  const row = await tx.discovery.update({ where: { id }, data: { spawned_task_ids: [task.id] } });
  emit({
    ...base,
    type: 'discovery.branch_created',
    data: {
      discovery_id: id,
      task_id: task.id,
      source_task_id: source.id,
      ticket_id: source.ticket_id,
      spec_id: source.spec_id,
      title,
      priority: task.priority,
      phase_id: task.phase_id,
    },
  });
  return { discovery: row, task, duplicate_of: null };
}

export function discoveriesStore(core: StoreCore) {
  return {
    /** @see recordDiscovery */
    record: (input: NewDiscovery, rules: { caps: DiscoveryCaps; similarity: number }) =>
      core.change((tx, emit) => recordDiscovery(tx, emit, input, rules)),

    get: async (organizationId: string, id: string): Promise<Discovery> => {
      const row = await core.read((db) => db.discovery.findFirst({ where: { id, organization_id: organizationId } }));
      if (!row) throw notFound('discovery');
      return row;
    },
    page: (
      organizationId: string,
      filter: {
        project_id?: string;
        ticket_id?: string;
        source_task_id?: string;
        discovery_type?: string | { in: string[] };
      },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageFromOldest(page, async ({ where: { OR }, take }) => {
          const after = OR?.map(({ created_at: discovered_at, ...rest }) => ({ discovered_at, ...rest }));
          const rows = await db.discovery.findMany({
            where: { AND: [{ organization_id: organizationId, ...filter }, after ? { OR: after } : {}] },
            orderBy: [{ discovered_at: 'asc' }, { id: 'asc' }],
            take,
          });
          return rows.map((row) => ({ ...row, created_at: row.discovered_at }));
        }),
      ),
    ofTicket: (organizationId: string, ticketId: string) =>
      core.read((db) =>
        db.discovery.findMany({
          where: { organization_id: organizationId, ticket_id: ticketId },
          orderBy: { discovered_at: 'asc' },
          take: 500,
        }),
      ),
    /** The newest ones first. */
    newest: (
      organizationId: string,
      { types, ...filter }: { ticket_id?: string; project_id?: string; spawn_phase_id?: string; types?: string[] },
      limit: number,
    ) =>
      core.read((db) =>
        db.discovery.findMany({
          where: { organization_id: organizationId, ...filter, ...(types ? { discovery_type: { in: types } } : {}) },
          orderBy: [{ discovered_at: 'desc' }, { id: 'desc' }],
          take: limit,
        }),
      ),
    /** How similar these are to a text, -1 to 1; those without a vector are left out. */
    similarities: async (ids: string[], asked: Embedded[]) => {
      const { distance, comparable } = comparedWith(asked);
      const rows = await core.read(
        (db) => db.$queryRaw<{ id: string; similarity: number }[]>`
          SELECT id, 1 - ${distance} AS similarity FROM discoveries WHERE id = ANY(${ids}::uuid[]) AND ${comparable}`,
      );
      return new Map(rows.map(({ id, similarity }) => [id, similarity]));
    },
    ofTask: (organizationId: string, taskId: string) =>
      core.read((db) =>
        db.discovery.findMany({
          where: { organization_id: organizationId, source_task_id: taskId },
          orderBy: { discovered_at: 'asc' },
          take: 500,
        }),
      ),

    /** Moves open > in_progress > resolved or invalid. @throws conflict when it is resolved already. */
    resolve: (organizationId: string, id: string, status: 'in_progress' | 'resolved' | 'invalid', by: string) =>
      core.change(async (tx, emit) => {
        const row = await tx.discovery.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('discovery');
        if (row.resolution_status === status && status === 'in_progress') return row;
        if (row.resolution_status === status) throw new AppError('conflict', `The discovery is ${status} already.`);
        checkMove('discovery', row.resolution_status, status);
        const ended = status !== 'in_progress';
        const after = await tx.discovery.update({
          where: { id },
          data: { resolution_status: status, resolved_at: ended ? new Date() : null },
        });
        if (ended) {
          await tx.discovery.updateMany({
            where: { duplicate_of: id },
            data: { resolution_status: status, resolved_at: new Date() },
          });
          emit({
            type: 'discovery.resolved',
            organization_id: organizationId,
            project_id: row.project_id,
            entity: { kind: 'discovery', id },
            data: { discovery_id: id, ticket_id: row.ticket_id, resolution_status: status, by },
          });
        }
        return after;
      }),
  };
}
