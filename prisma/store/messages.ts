import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Message } from '../generated/client.ts';
import { questionRow } from './json.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import { activeStates } from './active-runs.ts';

export type { Message } from '../generated/client.ts';

export interface NewMessage {
  id?: string;
  organization_id: string;
  run_id: string;
  kind: string;
  rank: string;
  steer_kind?: string | null;
  content: string;
  actor: string;
  intervention_id?: string | null;
}

/**
 * Stores a message in a run's inbox. From then on it is delivered once, or refused with a reason. A repeated call
 * with the same id changes nothing.
 */
export async function acceptMessage(tx: Transaction, emit: Emit, message: NewMessage): Promise<Message> {
  const id = message.id ?? randomUUID();
  const known = await tx.message.findUnique({ where: { id } });
  if (known) return known;
  // The lock on the run's row prevents that a message is stored while the run ends.
  const [run] = await tx.$queryRaw<{ status: string; project_id: string }[]>`
    SELECT status, project_id
    FROM runs
    WHERE id = ${message.run_id}::uuid AND organization_id = ${message.organization_id}::uuid
    FOR UPDATE`;
  if (!run) throw notFound('run');
  if (!activeStates.includes(run.status))
    throw new AppError(
      'conflict',
      `The run has ended (${run.status}): no agent would read the message. Fork it from a turn, or start a new one.`,
    );
  const row = await tx.message.create({ data: { ...message, id } });
  emit({
    type: 'run.message.queued',
    organization_id: message.organization_id,
    project_id: run.project_id,
    entity: { kind: 'run', id: message.run_id },
    data: {
      run_id: message.run_id,
      message_id: id,
      message_type: message.kind,
      rank: message.rank,
      steer_kind: message.steer_kind ?? null,
      content: message.content,
      sender_id: message.actor,
    },
  });
  return row;
}

export function messagesStore(core: StoreCore) {
  return {
    accept: (message: NewMessage) => core.change((tx, emit) => acceptMessage(tx, emit, message)),

    /** Stores a message that no agent will read, with the reason. A repeated call with the same id changes nothing. */
    refuse: (message: NewMessage & { id: string }, reason: string) =>
      core.change(async (tx, emit) => {
        if (await tx.message.findUnique({ where: { id: message.id } })) return;
        await tx.message.create({ data: { ...message, refused_reason: reason } });
        const { project_id } = await tx.run.findUniqueOrThrow({
          where: { id: message.run_id },
          select: { project_id: true },
        });
        emit({
          type: 'run.message.refused',
          organization_id: message.organization_id,
          project_id,
          entity: { kind: 'run', id: message.run_id },
          data: { run_id: message.run_id, message_id: message.id, reason },
        });
      }),

    page: (organizationId: string, runId: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.message.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, run_id: runId }, query.where] },
          }),
        ),
      ),
    list: (organizationId: string, runId: string) =>
      core.read((db) =>
        db.message.findMany({
          where: { organization_id: organizationId, run_id: runId },
          orderBy: { created_at: 'asc' },
          take: 1000,
        }),
      ),

    /** Undelivered messages, oldest first. */
    undelivered: (runId: string) =>
      core.read((db) =>
        db.message.findMany({
          where: { run_id: runId, delivered_at_turn: null, refused_reason: null },
          orderBy: { created_at: 'asc' },
          select: { id: true, kind: true, rank: true, steer_kind: true, content: true, actor: true },
        }),
      ),

    /** Constraints that are not lifted. They are repeated word for word wherever the context is rewritten. */
    constraints: (runId: string) =>
      core.read((db) =>
        db.message.findMany({
          where: { run_id: runId, steer_kind: 'constraint', lifted_at: null },
          orderBy: { created_at: 'asc' },
        }),
      ),

    /** Lifts a constraint and sends the agent a message about it. */
    lift: (organizationId: string, runId: string, messageId: string, actor: string) =>
      core.change(async (tx, emit) => {
        const message = await tx.message.findFirst({
          where: { id: messageId, run_id: runId, organization_id: organizationId },
        });
        if (!message) throw notFound('message');
        if (message.steer_kind !== 'constraint')
          throw new AppError('invalid_rule', 'Only a constraint can be lifted; this message is not a constraint.');
        if (message.lifted_at) throw new AppError('conflict', 'The constraint was lifted before.');
        await tx.message.update({ where: { id: messageId }, data: { lifted_at: new Date() } });
        return acceptMessage(tx, emit, {
          organization_id: organizationId,
          run_id: runId,
          kind: 'steer',
          rank: 'boundary',
          content: `This constraint no longer applies: ${message.content}`,
          actor,
        });
      }),

    recordIgnoredSignal: (input: {
      organization_id: string;
      project_id: string | null;
      workflow_id: string;
      signal: string;
      reason: string;
    }) =>
      core.change(async (_tx, emit) => {
        const runId = /^run:(.+)$/.exec(input.workflow_id)?.[1];
        emit({
          type: 'workflow.signal.ignored',
          organization_id: input.organization_id,
          project_id: input.project_id,
          entity: { kind: runId ? 'run' : 'workflow', id: runId ?? input.workflow_id },
          data: { workflow_id: input.workflow_id, signal: input.signal, reason: input.reason },
        });
      }),

    ask: (question: {
      organization_id: string;
      project_id: string;
      run_id: string;
      turn: number;
      position: number;
      question: string;
      options: string[];
      default_answer: string | null;
    }) =>
      core.change(async (tx, emit) => {
        const { project_id: projectId, ...fields } = question;
        const key = { run_id: fields.run_id, turn: fields.turn, position: fields.position };
        const known = await tx.question.findUnique({ where: { run_id_turn_position: key } });
        if (known) return questionRow(known);
        const row = await tx.question.create({ data: { ...fields, id: randomUUID() } });
        emit({
          type: 'question.asked',
          organization_id: fields.organization_id,
          project_id: projectId,
          entity: { kind: 'run', id: fields.run_id },
          data: { run_id: fields.run_id, question_id: row.id, question: fields.question, options: fields.options },
        });
        return questionRow(row);
      }),

    question: (runId: string, turn: number, position: number) =>
      core.read(async (db) => {
        const row = await db.question.findUnique({
          where: { run_id_turn_position: { run_id: runId, turn, position } },
        });
        return row && questionRow(row);
      }),
    questions: (organizationId: string, page: PageQuery, runId?: string) =>
      core.read((db) =>
        pageFromOldest(page, async (query) =>
          (
            await db.question.findMany({
              ...query,
              where: { AND: [{ organization_id: organizationId, run_id: runId, answered_at: null }, query.where] },
            })
          ).map(questionRow),
        ),
      ),
    openQuestions: (organizationId: string, runId?: string) =>
      core.read(async (db) =>
        (
          await db.question.findMany({
            where: { organization_id: organizationId, run_id: runId, answered_at: null },
            orderBy: { created_at: 'asc' },
            take: 200,
          })
        ).map(questionRow),
      ),

    answer: (organizationId: string, runId: string, answer: string, by: string, questionId?: string) =>
      core.change(async (tx, emit) => {
        const open = await tx.question.findFirst({
          where: { organization_id: organizationId, run_id: runId, id: questionId, answered_at: null },
          orderBy: { created_at: 'asc' },
        });
        if (!open) return null;
        const row = await tx.question.update({
          where: { id: open.id },
          data: { answer, answered_by: by, answered_at: new Date() },
        });
        const run = await tx.run.findUniqueOrThrow({ where: { id: runId }, select: { project_id: true } });
        emit({
          type: 'question.answered',
          organization_id: organizationId,
          project_id: run.project_id,
          entity: { kind: 'run', id: runId },
          data: { run_id: runId, question_id: row.id, answer, by },
        });
        return questionRow(row);
      }),
  };
}
