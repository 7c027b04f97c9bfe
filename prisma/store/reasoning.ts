import { z } from 'zod';
import { notFound } from '#workflows/domain/errors.ts';
import { fixMarkOf } from '#workflows/domain/tasks/fix-loop.ts';
import {
  reasoningTypes,
  type decisionTypes,
  type ReasonedEntity,
  type ReasoningEvidence,
  type ReasoningStep,
} from '#workflows/domain/reasoning.ts';
import type * as rows from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { asJson, list, record, taskRow, typed, type Task, type Typed } from './json.ts';

type Decision = { type: (typeof decisionTypes)[number]; action: string; reasoning: string };
const eventJson = {
  event_type: z.enum(reasoningTypes),
  details: record<Record<string, unknown>>(),
  evidence: list<ReasoningEvidence>(),
  decision: record<Decision>().nullable(),
};
type ReasoningEvent = Typed<rows.ReasoningEvent, typeof eventJson>;
const eventRow = typed<rows.ReasoningEvent, typeof eventJson>(eventJson);

export type NewReasoningEvent = Omit<ReasoningEvent, 'created_at'>;

/** Tasks that one chain walks back over at most, and records of each kind that it reads. */
const [mostAncestors, mostRows] = [20, 500];

/** The records that a chain is made from. */
interface Scope {
  tickets: string[];
  tasks: Task[];
  discoveries: rows.Discovery[];
}

const ticketPath = (id: string) => `/tickets/${id}`;
const runPath = (id: string, turn?: string) => `/runs/${id}${turn ? `?turn=${turn}` : ''}`;

/** A task, and the tasks from which it came: the sources of discoveries, and parents. */
async function withAncestors(db: Transaction, organizationId: string, id: string | null) {
  const tasks: Task[] = [];
  const discoveries: rows.Discovery[] = [];
  for (let next = id; next !== null && tasks.length < mostAncestors;) {
    const row = await db.task.findFirst({ where: { id: next, organization_id: organizationId } });
    if (!row || tasks.some((task) => task.id === row.id)) break;
    tasks.push(taskRow(row));
    const found = row.discovery_id ? await db.discovery.findUnique({ where: { id: row.discovery_id } }) : null;
    if (found) discoveries.push(found);
    next = found?.source_task_id ?? row.parent_task_id;
  }
  return { tasks, discoveries };
}

async function scopeOf(db: Transaction, organizationId: string, type: ReasonedEntity, id: string): Promise<Scope> {
  const own = { organization_id: organizationId };
  const tasksOf = async (where: object) =>
    (await db.task.findMany({ where: { ...own, ...where }, take: mostRows, orderBy: { created_at: 'asc' } })).map(
      taskRow,
    );
  const discoveriesOf = (where: object) =>
    db.discovery.findMany({ where: { ...own, ...where }, take: mostRows, orderBy: { discovered_at: 'asc' } });
  switch (type) {
    case 'spec': {
      const tickets = (await db.ticket.findMany({ where: { ...own, spec_id: id }, select: { id: true } })).map(
        (row) => row.id,
      );
      return {
        tickets,
        tasks: await tasksOf({ spec_id: id }),
        discoveries: await discoveriesOf({ ticket_id: { in: tickets } }),
      };
    }
    case 'ticket':
      return {
        tickets: [id],
        tasks: await tasksOf({ ticket_id: id }),
        discoveries: await discoveriesOf({ ticket_id: id }),
      };
    case 'task': {
      const chain = await withAncestors(db, organizationId, id);
      const made = await discoveriesOf({ source_task_id: id });
      return { tickets: [], tasks: chain.tasks, discoveries: [...chain.discoveries, ...made] };
    }
    case 'discovery': {
      const found = await discoveriesOf({ id });
      const chain = await withAncestors(db, organizationId, found[0]?.source_task_id ?? null);
      const opened = await tasksOf({ discovery_id: id });
      return { tickets: [], tasks: [...chain.tasks, ...opened], discoveries: [...chain.discoveries, ...found] };
    }
    case 'run': {
      const run = await db.run.findFirst({ where: { ...own, id }, select: { task_id: true } });
      const chain = await withAncestors(db, organizationId, run?.task_id ?? null);
      const made = await discoveriesOf({ source_run_id: id });
      return { tickets: [], tasks: chain.tasks, discoveries: [...chain.discoveries, ...made] };
    }
  }
}

const base: Pick<ReasoningStep, 'event_id' | 'agent' | 'details' | 'evidence' | 'decision'> = {
  ...{ event_id: null, agent: null, details: {}, evidence: [], decision: null },
};

function ofDiscovery(row: rows.Discovery): ReasoningStep {
  const [run, turn] = row.source_call?.split('.') ?? [];
  const opened = row.spawned_task_ids.length > 0;
  return {
    ...base,
    at: row.discovered_at,
    type: 'discovery',
    title: row.title,
    description: row.description,
    agent: row.source_run_id,
    details: { discovery_id: row.id, discovery_type: row.discovery_type, source_task_id: row.source_task_id },
    // The turn whose output the agent had before it when it reported.
    evidence: run ? [{ type: 'output', content: row.description, link: runPath(run, turn) }] : [],
    decision: {
      type: opened ? 'proceed' : 'investigate',
      action: opened ? 'opened a task for it' : 'opened no task for it',
      reasoning: row.capped_reason ?? (row.duplicate_of ? 'It repeats a discovery that is open.' : row.discovery_type),
    },
  };
}

function* ofTask(task: Task): Generator<ReasoningStep> {
  const details = { task_id: task.id, key: task.key, ticket_id: task.ticket_id };
  const about = { ...base, agent: task.run_id, details };
  const fix = fixMarkOf(task);
  if (task.discovery_id || task.parent_task_id || fix)
    yield {
      ...about,
      agent: 'platform',
      at: task.created_at,
      type: 'task_spawned',
      title: `${task.key} ${task.title}`,
      description: task.description,
      evidence: [{ type: 'task', content: task.title, link: ticketPath(task.ticket_id) }],
      details: { ...details, discovery_id: task.discovery_id, parent_task_id: task.parent_task_id },
    };
  if (task.status === 'completed' && task.result?.summary)
    yield {
      ...about,
      at: task.ended_at ?? task.updated_at,
      type: 'agent_decision',
      title: `${task.key} is done`,
      description: task.result.summary,
      evidence: task.run_id ? [{ type: 'run', content: task.title, link: runPath(task.run_id) }] : [],
      decision: { type: 'complete', action: task.title, reasoning: task.result.summary },
    };
  if (task.status === 'failed' && task.error_message)
    yield {
      ...about,
      at: task.ended_at ?? task.updated_at,
      type: 'error',
      title: `${task.key} failed`,
      description: task.error_message,
      evidence: task.run_id ? [{ type: 'run', content: task.error_message, link: runPath(task.run_id) }] : [],
    };
}

const ofReview = (row: rows.ValidationReview): ReasoningStep => ({
  ...base,
  at: row.created_at,
  type: 'agent_decision',
  title: row.passed ? 'A review passed' : 'A review sent the work back',
  description: row.feedback,
  agent: row.run_id,
  details: { task_id: row.task_id, iteration: row.iteration },
  evidence: [{ type: 'run', content: row.feedback, link: runPath(row.run_id) }],
  decision: {
    type: row.passed ? 'proceed' : 'block',
    action: row.passed ? 'accepted' : 'sent back',
    reasoning: row.feedback,
  },
});

const ofIntervention = (row: rows.Intervention): ReasoningStep => ({
  ...base,
  at: row.created_at,
  type: 'agent_decision',
  title: `Steered: ${row.steering_type}`,
  description: row.message,
  agent: row.actor,
  details: { run_id: row.run_id, alignment_before: row.alignment_before, alignment_after: row.alignment_after },
  evidence: [{ type: 'run', content: row.reason, link: runPath(row.run_id) }],
  decision: { type: 'investigate', action: row.message, reasoning: row.reason },
});

const ofCommit = (row: rows.TicketCommit): ReasoningStep => ({
  ...base,
  at: row.committed_at,
  type: 'code_change',
  title: row.message.split('\n')[0] ?? '',
  description: `${row.files_changed} files, +${row.insertions} -${row.deletions}`,
  agent: row.run_id ?? row.author,
  details: { sha: row.sha, task_id: row.task_id, ticket_id: row.ticket_id },
  evidence: [{ type: 'commit', content: row.sha, link: `/commits/${row.sha}` }],
});

const ofUse = (
  row: rows.MemoryUse & { memory: rows.TaskMemory | null; entry: rows.PlaybookEntry | null },
): ReasoningStep => ({
  ...base,
  at: row.given_at,
  type: 'agent_decision',
  title: row.memory ? 'A memory was given' : 'A rule was given',
  description: row.memory?.execution_summary ?? row.entry?.content ?? '',
  agent: 'platform',
  details: { task_id: row.task_id, attempt: row.attempt, helped: row.helped },
  evidence: [
    {
      type: 'memory',
      content: row.memory_id ?? row.entry_id ?? '',
      link: `/memory${row.memory ? '' : '?tab=playbook'}`,
    },
  ],
});

function ofBlock(row: rows.Event): ReasoningStep {
  const { reason, by, key } = z.looseObject({ reason: z.string(), by: z.string(), key: z.string() }).parse(row.data);
  return {
    ...base,
    at: row.at,
    type: 'blocking_added',
    title: `${key} is blocked`,
    description: reason,
    agent: by,
    details: { ticket_id: row.entity_id },
    decision: { type: 'block', action: 'blocked the ticket', reasoning: reason },
  };
}

const ofEvent = (row: ReasoningEvent): ReasoningStep => ({
  event_id: row.id,
  at: row.created_at,
  type: row.event_type,
  title: row.title,
  description: row.description,
  agent: row.agent,
  details: row.details,
  evidence: row.evidence,
  decision: row.decision,
});

/** Why work is as it is: steps that follow from records, and steps that were recorded by hand. Nothing is invented. */
export function reasoningStore(core: StoreCore) {
  return {
    steps: (organizationId: string, type: ReasonedEntity, id: string): Promise<ReasoningStep[]> =>
      core.read((db) =>
        db.$transaction(async (tx) => {
          const { tickets, tasks, discoveries } = await scopeOf(tx, organizationId, type, id);
          const own = { organization_id: organizationId };
          const ids = tasks.map((task) => task.id);
          const runs = (
            await tx.run.findMany({ where: { ...own, task_id: { in: ids } }, select: { id: true }, take: mostRows })
          ).map((run) => run.id);
          const page = { take: mostRows };
          const reviews = await tx.validationReview.findMany({ where: { ...own, task_id: { in: ids } }, ...page });
          const steers = await tx.intervention.findMany({ where: { ...own, run_id: { in: runs } }, ...page });
          const commits = await tx.ticketCommit.findMany({
            where: { ...own, OR: [{ task_id: { in: ids } }, { ticket_id: { in: tickets } }] },
            ...page,
          });
          const uses = await tx.memoryUse.findMany({
            where: { ...own, task_id: { in: ids } },
            include: { memory: true, entry: true },
            ...page,
          });
          const blocks = await tx.event.findMany({
            where: { ...own, type: 'ticket.blocked', entity_kind: 'ticket', entity_id: { in: tickets } },
            ...page,
          });
          const recorded = await tx.reasoningEvent.findMany({
            where: { ...own, entity_type: type, entity_id: id },
            ...page,
          });
          return [
            ...discoveries.map(ofDiscovery),
            ...tasks.flatMap((task) => [...ofTask(task)]),
            ...reviews.map(ofReview),
            ...steers.map(ofIntervention),
            ...commits.map(ofCommit),
            ...uses.map(ofUse),
            ...blocks.map(ofBlock),
            ...recorded.map((row) => ofEvent(eventRow(row))),
          ];
        }),
      ),
    record: ({ details, evidence, decision, ...event }: NewReasoningEvent): Promise<ReasoningStep> =>
      core.change(async (tx) => {
        const known = await tx.reasoningEvent.findUnique({ where: { id: event.id } });
        const json = { details: asJson(details), evidence: evidence.map((one) => ({ ...one })) };
        const row =
          known ??
          (await tx.reasoningEvent.create({
            data: { ...event, ...json, ...(decision ? { decision: asJson(decision) } : {}) },
          }));
        return ofEvent(eventRow(row));
      }),
    get: async (organizationId: string, id: string): Promise<ReasoningStep> => {
      const row = await core.read((db) =>
        db.reasoningEvent.findFirst({ where: { id, organization_id: organizationId } }),
      );
      if (!row) throw notFound('step of a chain');
      return ofEvent(eventRow(row));
    },
    /** Only what was recorded by hand can be deleted. */
    remove: (organizationId: string, id: string): Promise<void> =>
      core.change(async (tx) => {
        const { count } = await tx.reasoningEvent.deleteMany({ where: { id, organization_id: organizationId } });
        if (count === 0) throw notFound('step of a chain');
      }),
  };
}
