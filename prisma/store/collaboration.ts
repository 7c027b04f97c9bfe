import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { CollaborationThread } from '../generated/client.ts';
import { tellRuns } from './agent-messages.ts';
import type { StoreCore, Transaction } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { AgentMessage, CollaborationThread } from '../generated/client.ts';

export interface NewThread {
  /** A repeated creation with the same id is one. */
  id: string;
  organization_id: string;
  kind: 'handoff' | 'review' | 'consultation';
  subject: string;
  participants: string[];
  task_id: string | null;
  opened_by: string;
}

interface MessageFilter {
  thread_id?: string;
  to_agent_id?: string;
  /** Only those that were not read. */
  read_at?: null;
  /** Only those that this agent sent or got. */
  of?: string;
}

const about = (thread: Pick<CollaborationThread, 'organization_id' | 'id'>) => ({
  organization_id: thread.organization_id,
  entity: { kind: 'thread', id: thread.id },
});

async function lockThread(tx: Transaction, organizationId: string, id: string): Promise<CollaborationThread> {
  await tx.$queryRaw`SELECT 1 FROM collaboration_threads WHERE id = ${id}::uuid FOR UPDATE`;
  const thread = await tx.collaborationThread.findFirst({ where: { id, organization_id: organizationId } });
  if (!thread) throw notFound('thread');
  return thread;
}

function requireActive(thread: CollaborationThread): void {
  if (thread.status !== 'active')
    throw new AppError(
      'conflict',
      `The thread is ${thread.status}${thread.outcome ? ` (${thread.outcome})` : ''}: it takes nothing more.`,
    );
}

/** Agents of an organization that can still be spoken to. @throws not_found, conflict for one that has ended. */
async function requireAgents(tx: Transaction, organizationId: string, ids: string[]): Promise<void> {
  const rows = await tx.agent.findMany({ where: { id: { in: ids }, organization_id: organizationId } });
  for (const id of ids) {
    const row = rows.find((one) => one.id === id);
    if (!row) throw notFound('agent');
    if (row.status === 'terminated') throw new AppError('conflict', `The agent ${row.name} has ended.`);
  }
}

/** EXEC-33 and EXEC-34: what agents say to each other, and the tasks that they hand over. */
export function collaborationStore(core: StoreCore) {
  const get = async (organizationId: string, id: string): Promise<CollaborationThread> => {
    const thread = await core.read((db) =>
      db.collaborationThread.findFirst({ where: { id, organization_id: organizationId } }),
    );
    if (!thread) throw notFound('thread');
    return thread;
  };

  return {
    get,
    open: (thread: NewThread, handoff?: { from_agent_id: string; to_agent_id: string; reason: string }) =>
      core.change(async (tx, emit) => {
        const known = await tx.collaborationThread.findUnique({ where: { id: thread.id } });
        if (known) return known;
        await requireAgents(tx, thread.organization_id, thread.participants);
        if (handoff && thread.task_id) {
          const task = await tx.task.findFirst({
            where: { id: thread.task_id, organization_id: thread.organization_id },
          });
          if (!task) throw notFound('task');
          if (task.agent_id !== handoff.from_agent_id || task.ended_at)
            throw new AppError(
              'conflict',
              'The task is not one that this agent has: it hands over only its own open tasks.',
            );
        }
        const row = await tx.collaborationThread.create({ data: thread });
        const { kind, subject, participants } = thread;
        emit({
          ...about(row),
          type: 'agent.collab.started',
          data: { thread_id: row.id, kind, subject, participants, by: thread.opened_by },
        });
        if (handoff && thread.task_id)
          emit({
            ...about(row),
            type: 'agent.handoff.requested',
            data: { thread_id: row.id, task_id: thread.task_id, ...handoff },
          });
        return row;
      }),
    page: (organizationId: string, filter: { agent_id?: string; status?: string; kind?: string }, page: PageQuery) =>
      core.read((db) => {
        const { agent_id: agent, ...same } = filter;
        const own = { organization_id: organizationId, ...same, ...(agent ? { participants: { has: agent } } : {}) };
        return pageOf(page, ({ where, orderBy, take }) =>
          db.collaborationThread.findMany({ where: { AND: [own, where] }, orderBy, take }),
        );
      }),
    /** Closes a thread. The same status again changes nothing. @throws conflict for one that another status has closed. */
    close: (organizationId: string, id: string, status: 'resolved' | 'abandoned', by: string) =>
      core.change(async (tx, emit) => {
        const thread = await lockThread(tx, organizationId, id);
        if (thread.status === status) return thread;
        requireActive(thread);
        emit({
          ...about(thread),
          type: 'agent.collab.ended',
          data: { thread_id: id, status, outcome: thread.outcome, by },
        });
        return tx.collaborationThread.update({ where: { id }, data: { status, closed_at: new Date() } });
      }),

    /**
     * Sends a message to each of these agents, which are in the thread.
     * @param ids one for each of them. @throws forbidden for a sender that is not in the thread.
     */
    send: (
      organizationId: string,
      message: { ids: string[]; thread_id: string; from_agent_id: string; to: string[]; content: string },
    ) =>
      core.change(async (tx, emit) => {
        const { ids, thread_id, from_agent_id, to, content } = message;
        const thread = await lockThread(tx, organizationId, thread_id);
        const known = await tx.agentMessage.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
        if (known.length > 0) return known;
        requireActive(thread);
        if (!thread.participants.includes(from_agent_id))
          throw new AppError('forbidden', 'The sender does not take part in this thread.');
        const outsider = to.find((id) => !thread.participants.includes(id));
        if (outsider) throw new AppError('invalid_rule', `to: ${outsider} does not take part in this thread.`);
        await requireAgents(tx, organizationId, to);
        const rows = [];
        for (const [i, to_agent_id] of to.entries()) {
          const row = {
            id: ids[i] ?? '',
            organization_id: organizationId,
            thread_id,
            from_agent_id,
            to_agent_id,
            content,
          };
          rows.push(await tellRuns(tx, emit, await tx.agentMessage.create({ data: row })));
          emit({
            ...about(thread),
            type: 'agent.message.sent',
            data: { thread_id, message_id: row.id, from_agent_id, to_agent_id },
          });
        }
        return rows;
      }),
    messages: (organizationId: string, filter: MessageFilter, page: PageQuery) =>
      core.read((db) => {
        const { of: agent, ...same } = filter;
        const own = agent ? { OR: [{ from_agent_id: agent }, { to_agent_id: agent }] } : {};
        return pageOf(page, ({ where, orderBy, take }) =>
          db.agentMessage.findMany({
            where: { AND: [{ organization_id: organizationId, ...same }, own, where] },
            orderBy,
            take,
          }),
        );
      }),
    /** Marks a message as read, once. @param reader the agent that reads; only its own messages. */
    read: (organizationId: string, id: string, reader: string | null) =>
      core.change(async (tx) => {
        const row = await tx.agentMessage.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('agent message');
        if (reader && row.to_agent_id !== reader) throw new AppError('forbidden', 'The message is for another agent.');
        return row.read_at ? row : tx.agentMessage.update({ where: { id }, data: { read_at: new Date() } });
      }),

    /**
     * Answers a request for a handoff. An accepted one gives the task to the other agent: the run at work stops, and the
     * task's next attempt is that agent's, from the newest checkpoint.
     * @throws conflict for a request that was answered, and for a task that the first agent no longer has.
     */
    answer: (
      organizationId: string,
      id: string,
      { accept, by, reason, agent_id }: { accept: boolean; by: string; reason: string; agent_id: string | null },
    ) =>
      core.change(async (tx, emit) => {
        const thread = await lockThread(tx, organizationId, id);
        const [from_agent_id = '', to_agent_id = ''] = thread.participants;
        if (thread.kind !== 'handoff' || !thread.task_id)
          throw new AppError('conflict', 'The thread is not a handoff.');
        if (agent_id && agent_id !== to_agent_id)
          throw new AppError('forbidden', 'Only the agent that is asked answers a handoff.');
        requireActive(thread);
        const task_id = thread.task_id;
        const data = { thread_id: id, task_id, from_agent_id, to_agent_id };
        if (accept) {
          await requireAgents(tx, organizationId, [to_agent_id]);
          const { count } = await tx.task.updateMany({
            where: { id: task_id, organization_id: organizationId, agent_id: from_agent_id, ended_at: null },
            data: { agent_id: to_agent_id },
          });
          if (count === 0) throw new AppError('conflict', 'The first agent does not have the task any more.');
          emit({ ...about(thread), type: 'agent.handoff.accepted', data });
        } else emit({ ...about(thread), type: 'agent.handoff.declined', data: { ...data, reason } });
        const outcome = accept ? 'accepted' : `declined${reason ? `: ${reason}` : ''}`;
        emit({
          ...about(thread),
          type: 'agent.collab.ended',
          data: { thread_id: id, status: 'resolved', outcome, by },
        });
        return tx.collaborationThread.update({
          where: { id },
          data: { status: 'resolved', outcome, closed_at: new Date() },
        });
      }),
  };
}
