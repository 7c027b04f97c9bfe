import { AppError } from '#workflows/domain/errors.ts';
import type { AgentMessage, CollaborationThread } from '#prisma/store/collaboration.ts';
import type * as contracts from '../contracts/collaboration.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireEnabled } from '#activities/ports/is-enabled.ts';
import { agentsChanged } from './agents.ts';
import { at, iso, toPageView } from './views.ts';

const kinds = ['handoff', 'review', 'consultation'] as const;
const statuses = ['active', 'resolved', 'abandoned'] as const;

const toThreadView = (row: CollaborationThread) => {
  const { id, subject, participants, task_id, opened_by, outcome, created_at, closed_at } = row;
  return {
    kind: kinds.find((kind) => kind === row.kind) ?? ('consultation' as const),
    status: statuses.find((status) => status === row.status) ?? ('active' as const),
    ...{ id, subject, participants, task_id, opened_by, outcome },
    ...{ created_at: at(created_at), closed_at: iso(closed_at) },
  };
};

const toMessageView = ({ id, thread_id, from_agent_id, to_agent_id, content, created_at, read_at }: AgentMessage) => ({
  ...{ id, thread_id, from_agent_id, to_agent_id, content, created_at: at(created_at), read_at: iso(read_at) },
});

/** The agent that calls by its own key; null for a person, who may act for any of the organization's agents. */
const ownAgent = ({ actor }: Call): string | null => actor.place?.agent_id ?? null;

const requireOn = ({ services, organization_id }: Call) => requireEnabled(services, organization_id, 'collaboration');

/** @throws forbidden for an agent that does not take part. */
async function threadFor(call: Call, id: string): Promise<CollaborationThread> {
  const thread = await call.services.store.collaboration.get(call.organization_id, id);
  const own = ownAgent(call);
  if (own && !thread.participants.includes(own))
    throw new AppError('forbidden', 'This agent does not take part in the thread.');
  return thread;
}

const others = (from: string, ids: string[]): string[] =>
  [...new Set(ids.map((id) => id.toLowerCase()))].filter((id) => id !== from);

export async function openThread(
  call: Call,
  { from_agent_id, to, task_id, kind, subject }: Body<typeof contracts.openThread>,
) {
  await requireOn(call);
  const from = from_agent_id.toLowerCase();
  const participants = [from, ...others(from, to)];
  if (participants.length === 1) throw new AppError('invalid_rule', 'to: must name another agent than the sender.');
  return toThreadView(
    await call.services.store.collaboration.open({
      ...{ id: call.newId('thread'), organization_id: call.organization_id, kind, subject, participants },
      ...{ task_id: task_id ?? null, opened_by: call.actor.email },
    }),
  );
}

export async function listThreads(call: Call, query: Query<typeof contracts.listThreads>) {
  const { agent_id, status, kind, ...page } = query;
  const filter = { agent_id: ownAgent(call) ?? agent_id, status, kind };
  return toPageView(await call.services.store.collaboration.page(call.organization_id, filter, page), toThreadView);
}

export async function closeThread(call: Call, id: string, status: 'resolved' | 'abandoned') {
  await threadFor(call, id);
  return toThreadView(
    await call.services.store.collaboration.close(call.organization_id, id, status, call.actor.email),
  );
}

export async function threadMessages(call: Call, id: string, page: Query<typeof contracts.threadMessages>) {
  await threadFor(call, id);
  const found = await call.services.store.collaboration.messages(
    call.organization_id,
    { thread_id: id, of: ownAgent(call) ?? undefined },
    page,
  );
  return toPageView(found, toMessageView);
}

export async function listMessages(call: Call, { agent_id, unread, ...page }: Query<typeof contracts.listMessages>) {
  const filter = {
    to_agent_id: ownAgent(call) ?? agent_id?.toLowerCase(),
    ...(unread === 'true' ? { read_at: null } : {}),
  };
  return toPageView(
    await call.services.store.collaboration.messages(call.organization_id, filter, page),
    toMessageView,
  );
}

async function send(call: Call, input: { thread_id: string; from_agent_id: string; to: string[]; content: string }) {
  await requireOn(call);
  await threadFor(call, input.thread_id);
  const from = input.from_agent_id.toLowerCase();
  const to = others(from, input.to);
  if (to.length === 0) throw new AppError('invalid_rule', 'to: must name another agent than the sender.');
  const rows = await call.services.store.collaboration.send(call.organization_id, {
    ...{ ids: to.map((id) => call.newId(`message:${id}`)), thread_id: input.thread_id, from_agent_id: from, to },
    content: call.services.redact(input.content),
  });
  return rows.map(toMessageView);
}

export async function sendAgentMessage(call: Call, { to_agent_id, ...input }: Body<typeof contracts.sendAgentMessage>) {
  const [message] = await send(call, { ...input, to: [to_agent_id] });
  if (!message) throw new AppError('internal', 'The message was not stored.');
  return message;
}

export const broadcast = async (call: Call, input: Body<typeof contracts.broadcast>) => ({
  messages: await send(call, input),
});

export const readMessage = async (call: Call, id: string) =>
  toMessageView(await call.services.store.collaboration.read(call.organization_id, id, ownAgent(call)));

export async function requestHandoff(call: Call, input: Body<typeof contracts.requestHandoff>) {
  await requireOn(call);
  const [from_agent_id, to_agent_id] = [input.from_agent_id.toLowerCase(), input.to_agent_id.toLowerCase()];
  if (from_agent_id === to_agent_id) throw new AppError('invalid_rule', 'to_agent_id: must be another agent.');
  const reason = call.services.redact(input.reason);
  return toThreadView(
    await call.services.store.collaboration.open(
      {
        ...{
          id: call.newId('thread'),
          organization_id: call.organization_id,
          kind: 'handoff',
          subject: reason.slice(0, 200),
        },
        ...{ participants: [from_agent_id, to_agent_id], task_id: input.task_id, opened_by: call.actor.email },
      },
      { from_agent_id, to_agent_id, reason },
    ),
  );
}

export async function answerHandoff(call: Call, id: string, accept: boolean, reason = '') {
  await threadFor(call, id);
  const thread = await call.services.store.collaboration.answer(call.organization_id, id, {
    ...{ accept, by: call.actor.email, reason: call.services.redact(reason), agent_id: ownAgent(call) },
  });
  // The run of the agent that gave the task away stops.
  if (accept) await agentsChanged(call);
  return toThreadView(thread);
}
