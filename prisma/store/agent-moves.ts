import { randomUUID } from 'node:crypto';
import { notFound } from '#workflows/domain/errors.ts';
import { agentStatuses, agentTypes, type AgentStatus } from '#workflows/domain/agents/agent.ts';
import type { Heartbeat } from '#workflows/domain/agents/heartbeat.ts';
import { checkMove } from '#workflows/domain/transitions.ts';
import type { Reading } from '#workflows/domain/watch/anomalies.ts';
import { z } from 'zod';
import type { Prisma, Agent as AgentRow } from '../generated/client.ts';
import type { Emit, Transaction } from './core.ts';
import { record, typed, type Typed } from './json.ts';

type Reported = Pick<Heartbeat, 'timestamp' | 'current_task_id' | 'health_metrics'>;

const agentJson = {
  status: z.enum(agentStatuses),
  agent_type: z.enum(agentTypes),
  reported: record<Reported>().nullable(),
  anomaly: record<Reading>().nullable(),
};
export type Agent = Typed<AgentRow, typeof agentJson>;
export const agentRow = typed<AgentRow, typeof agentJson>(agentJson);

/** Statuses of tasks that take a place of their agent. */
export const takesPlace = ['claiming', 'assigned', 'running'];

/** The event's frame of an agent. */
export const aboutAgent = ({
  organization_id,
  project_id,
  id,
}: Pick<Agent, 'organization_id' | 'project_id' | 'id'>) => ({
  organization_id,
  project_id: project_id ?? undefined,
  entity: { kind: 'agent', id },
});

/** Reads an agent for a change: changes of one agent come one after another. @throws not_found */
export async function lockAgent(tx: Transaction, organizationId: string, id: string): Promise<Agent> {
  // Who makes it a member at the same time refers to its row, and holds what a restart waits for.
  await tx.$queryRaw`SELECT 1 FROM agents WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const row = await tx.agent.findFirst({ where: { id, organization_id: organizationId } });
  if (!row) throw notFound('agent');
  return agentRow(row);
}

/**
 * Moves an agent along the table, with its audit row and its event. The same status again changes nothing.
 * @throws conflict for a move that the table does not allow.
 */
export async function moveAgent(
  tx: Transaction,
  emit: Emit,
  agent: Agent,
  to: AgentStatus,
  {
    reason,
    by,
    data = {},
    evidence,
  }: { reason: string; by: string; data?: Prisma.AgentUpdateInput; evidence?: object },
): Promise<Agent> {
  checkMove('agent', agent.status, to);
  const changed = agent.status !== to;
  if (changed) {
    await tx.agentStatusTransition.create({
      data: {
        id: randomUUID(),
        organization_id: agent.organization_id,
        agent_id: agent.id,
        from_status: agent.status,
        to_status: to,
        reason,
        actor: by,
        // Times become text, as in every answer.
        ...(evidence ? { evidence: JSON.parse(JSON.stringify(evidence)) as object } : {}),
      },
    });
    emit({
      ...aboutAgent(agent),
      type: 'agent.status_changed',
      data: { agent_id: agent.id, name: agent.name, previous_status: agent.status, new_status: to, reason, by },
    });
  }
  const row = await tx.agent.update({ where: { id: agent.id }, data: { ...data, status: to, updated_at: new Date() } });
  return agentRow(row);
}

/** Follows the work of an agent: one that works is running, one without work is idle. Other statuses stay. */
export async function followWork(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  agentId: string | null | undefined,
): Promise<void> {
  if (!agentId) return;
  const agent = await lockAgent(tx, organizationId, agentId);
  const at = await tx.run.count({ where: { agent_id: agentId, ended_at: null } });
  if (agent.status === 'idle' && at > 0)
    await moveAgent(tx, emit, agent, 'running', { reason: 'It has work.', by: 'platform' });
  if (agent.status === 'running' && at === 0)
    await moveAgent(tx, emit, agent, 'idle', { reason: 'Its work has ended.', by: 'platform' });
}
