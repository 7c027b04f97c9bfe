import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Citation } from '#workflows/domain/agent/citations.ts';
import type { ExploreMessage } from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import { lockProject } from './row-locks.ts';

export type { ExploreConversation, ExploreMessage } from '../generated/client.ts';

/** The person whose conversations are meant, and the project. */
export interface Asker {
  organization_id: string;
  project_id: string;
  user_id: string;
}

/** One attempt to answer a question. */
interface Attempt {
  organization_id: string;
  message_id: string;
  attempt: number;
}

type Found = { answer: string; base_sha: string; citations: Citation[]; dropped: Citation[] } | { error: string };

function announce(emit: Emit, type: 'explore.asked' | 'explore.ended', row: ExploreMessage): void {
  const { organization_id, project_id, id: message_id, conversation_id, run_id, status, attempt } = row;
  const about = { organization_id, project_id, entity: { kind: 'explore', id: conversation_id } };
  emit({ type, ...about, data: { message_id, conversation_id, run_id, status, attempt } });
}

/** A person has one question under way in a project: each takes a sandbox, and none waits for a slot. */
async function requireFree(tx: Transaction, { project_id, user_id }: Asker): Promise<void> {
  await lockProject(tx, project_id);
  const open = await tx.exploreMessage.findFirst({ where: { project_id, user_id, status: 'answering' } });
  if (open)
    throw new AppError(
      'conflict',
      'Your last question is still being answered. Wait for its answer, or stop its run.',
      {
        conversation_id: open.conversation_id,
        run_id: open.run_id,
      },
    );
}

/** Questions of people about the code, and their answers. */
export function exploreStore(core: StoreCore) {
  const own = ({ organization_id, project_id, user_id }: Asker) => ({ organization_id, project_id, user_id });

  async function messageOf(tx: Transaction, asker: Asker, conversationId: string, id: string): Promise<ExploreMessage> {
    const where = { id, conversation_id: conversationId, ...own(asker) };
    const row = await tx.exploreMessage.findFirst({ where });
    if (!row) throw notFound('question');
    return row;
  }

  return {
    /**
     * Stores a question in a conversation, or in a new one with the given title.
     * @throws not_found for a conversation of somebody else; conflict while another question is under way.
     */
    ask: (
      asker: Asker,
      {
        conversation,
        ...message
      }: Pick<ExploreMessage, 'id' | 'run_id' | 'question'> & {
        conversation: { id: string; title?: string };
      },
    ): Promise<ExploreMessage> =>
      core.change(async (tx, emit) => {
        const { id, title } = conversation;
        const known = await tx.exploreMessage.findFirst({ where: { id: message.id, ...own(asker) } });
        if (known) return known;
        await requireFree(tx, asker);
        if (title !== undefined) await tx.exploreConversation.create({ data: { id, title, ...own(asker) } });
        else if (!(await tx.exploreConversation.findFirst({ where: { id, ...own(asker) } })))
          throw notFound('conversation');
        const row = await tx.exploreMessage.create({ data: { ...message, conversation_id: id, ...own(asker) } });
        announce(emit, 'explore.asked', row);
        return row;
      }),

    /** Asks a question again that has no answer. @throws conflict for one that is answered or under way. */
    askAgain: (asker: Asker, conversationId: string, id: string): Promise<ExploreMessage> =>
      core.change(async (tx, emit) => {
        await requireFree(tx, asker);
        const { status, attempt } = await messageOf(tx, asker, conversationId, id);
        if (status !== 'failed')
          throw new AppError('conflict', 'The question has an answer. Ask another one, or the same in other words.');
        const row = await tx.exploreMessage.update({
          where: { id },
          data: {
            ...{ status: 'answering', attempt: attempt + 1, run_id: randomUUID() },
            ...{ error: null, ended_at: null, asked_at: new Date() },
          },
        });
        announce(emit, 'explore.asked', row);
        return row;
      }),

    /** @returns undefined where another attempt followed, or the question was deleted. */
    attempt: ({ organization_id, message_id, attempt }: Attempt) =>
      core.read((db) => db.exploreMessage.findFirst({ where: { id: message_id, organization_id, attempt } })),

    /** Ends an attempt, once: with its answer, or with the reason why there is none. */
    end: ({ organization_id, message_id: id, attempt }: Attempt, found: Found): Promise<void> =>
      core.change(async (tx, emit) => {
        const row = await tx.exploreMessage.findFirst({ where: { id, organization_id, attempt, status: 'answering' } });
        if (!row) return;
        const ended_at = new Date();
        const data =
          'error' in found
            ? { status: 'failed', error: found.error, ended_at }
            : {
                ...{ status: 'answered', answer: found.answer, base_sha: found.base_sha, ended_at },
                ...{ citations: asJson(found.citations), dropped: asJson(found.dropped) },
              };
        announce(emit, 'explore.ended', await tx.exploreMessage.update({ where: { id }, data }));
      }),

    /** Conversations of a person, newest first. */
    list: (asker: Asker, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.exploreConversation.findMany({ ...query, where: { AND: [own(asker), query.where] } }),
        ),
      ),

    /** A conversation with its questions, oldest first. */
    get: async (asker: Asker, id: string) => {
      const found = await core.read((db) =>
        db.exploreConversation.findFirst({
          where: { id, ...own(asker) },
          include: { messages: { orderBy: { created_at: 'asc' } } },
        }),
      );
      if (!found) throw notFound('conversation');
      return found;
    },

    /** Costs of the runs that answer, and what they wait for. A run comes a moment after its question. */
    runsOf: (rows: readonly Pick<ExploreMessage, 'run_id'>[]) =>
      core.read(async (db) => {
        const where = { id: { in: rows.map(({ run_id }) => run_id) } };
        const runs = await db.run.findMany({ where, select: { id: true, waiting_reason: true, cost_micros: true } });
        return new Map(runs.map((run) => [run.id, run]));
      }),

    /** The questions before one, newest first, that have an answer. */
    before: ({ conversation_id, created_at }: ExploreMessage, most: number) =>
      core.read((db) =>
        db.exploreMessage.findMany({
          where: { conversation_id, status: 'answered', created_at: { lt: created_at } },
          orderBy: { created_at: 'desc' },
          take: most,
        }),
      ),

    /** @throws conflict while a question of it is under way. */
    delete: (asker: Asker, id: string): Promise<void> =>
      core.change(async (tx) => {
        await lockProject(tx, asker.project_id);
        if (await tx.exploreMessage.findFirst({ where: { conversation_id: id, ...own(asker), status: 'answering' } }))
          throw new AppError('conflict', 'A question of this conversation is being answered. Stop its run first.');
        const { count } = await tx.exploreConversation.deleteMany({ where: { id, ...own(asker) } });
        if (count === 0) throw notFound('conversation');
      }),

    /** Questions of all organizations, asked since that time, whose run does not exist. */
    notStarted: (since: Date) =>
      core.read(async (db) => {
        const where = { status: 'answering', asked_at: { gt: since } };
        const rows = await db.exploreMessage.findMany({ where, take: 200 });
        const runs = await db.run.findMany({
          where: { id: { in: rows.map((row) => row.run_id) } },
          select: { id: true },
        });
        const known = new Set(runs.map(({ id }) => id));
        return rows.filter(({ run_id }) => !known.has(run_id));
      }),
  };
}
