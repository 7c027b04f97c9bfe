import type { AgentMessage, Run } from '../generated/client.ts';
import { activeStates } from './active-runs.ts';
import type { Emit, Transaction } from './core.ts';
import { acceptMessage } from './messages.ts';

async function handOver(tx: Transaction, emit: Emit, message: AgentMessage, runIds: string[]): Promise<AgentMessage> {
  const { organization_id, content, from_agent_id } = message;
  const sender = await tx.agent.findUnique({ where: { id: from_agent_id }, select: { name: true } });
  const actor = sender?.name ?? 'an agent';
  for (const run_id of runIds)
    await acceptMessage(tx, emit, {
      ...{ organization_id, run_id, kind: 'agent_message', rank: 'turn', content, actor },
    });
  return tx.agentMessage.update({ where: { id: message.id }, data: { read_at: new Date() } });
}

/**
 * Gives a message to the runs of an agent, which read it with their next turns. One for an agent without a run stays
 * unread until it has one, and one for an agent elsewhere until it asks.
 */
export async function tellRuns(tx: Transaction, emit: Emit, message: AgentMessage): Promise<AgentMessage> {
  // A run that is locked here does not end before it has the message.
  const runs = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id
    FROM runs r JOIN agents a ON a.id = r.agent_id
    WHERE r.organization_id = ${message.organization_id}::uuid AND r.agent_id = ${message.to_agent_id}::uuid
      AND r.status = ANY(${activeStates}) AND NOT a.elsewhere
    ORDER BY r.id
    FOR UPDATE OF r`;
  if (runs.length === 0) return message;
  return handOver(
    tx,
    emit,
    message,
    runs.map(({ id }) => id),
  );
}

/** Gives a new run what was written to its agent while it had none. */
export async function tellNewRun(tx: Transaction, emit: Emit, run: Run): Promise<void> {
  if (!run.agent_id) return;
  const unread = await tx.agentMessage.findMany({
    where: { organization_id: run.organization_id, to_agent_id: run.agent_id, read_at: null },
    orderBy: { created_at: 'asc' },
    take: 20,
  });
  const agent = unread.length > 0 ? await tx.agent.findUnique({ where: { id: run.agent_id } }) : null;
  if (agent?.elsewhere !== false) return;
  for (const message of unread) await handOver(tx, emit, message, [run.id]);
}
