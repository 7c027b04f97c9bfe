import { authority, restartAuthority } from '#workflows/domain/agents/agent.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/agents.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { agentsChanged, agentOf, viewOf } from './agents.ts';
import { authorityOf, healthOf } from './agent-views.ts';

/** @throws forbidden for a caller that may not act on agents, such as an agent. */
function requireAuthority(call: Call): void {
  if (authorityOf(call) < restartAuthority)
    throw new AppError('forbidden', 'Agents do not restart or stop each other. A monitor or a person does.');
}

const openAgents = ({ services, organization_id }: Call, projectId?: string) =>
  services.store.agents.open(organization_id, projectId);

export const agentsHealth = async (call: Call, projectId?: string) => healthOf(call, await openAgents(call, projectId));

export async function staleAgents(call: Call, projectId?: string) {
  const { agents, ...rest } = await agentsHealth(call, projectId);
  return { ...rest, agents: agents.filter(({ stale }) => stale) };
}

export async function agentHealth(call: Call, id: string) {
  const [row] = (await healthOf(call, [await agentOf(call, id)])).agents;
  if (!row) throw new AppError('internal', 'The health of the agent is not known.');
  return row;
}

const countBy = (words: string[]) =>
  words.reduce<Record<string, number>>((counts, word) => ({ ...counts, [word]: (counts[word] ?? 0) + 1 }), {});

export async function agentStatistics(call: Call, projectId?: string) {
  const agents = await openAgents(call, projectId);
  const { agents: health } = await healthOf(call, agents);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    total: agents.length,
    active: agents.filter(({ status }) => status === 'running').length,
    idle: agents.filter(({ status }) => status === 'idle').length,
    stuck: health.filter(({ stuck }) => stuck).length,
    stale: health.filter(({ stale }) => stale).length,
    by_status: countBy(agents.map(({ status }) => status)),
    by_type: countBy(agents.map(({ agent_type }) => agent_type)),
    capacity: sum(agents.map(({ capacity }) => capacity)),
    busy: sum(agents.map(({ busy }) => busy)),
  };
}

export async function restartAgent(call: Call, id: string, { reason, force }: Body<typeof contracts.restartAgent>) {
  const { services, organization_id, actor } = call;
  requireAuthority(call);
  const { restart_cooldown: cooldown, restarts_per_hour: per_hour } = services.config.monitoring;
  const restarted = await services.store.agents.restart(organization_id, (await agentOf(call, id)).id, {
    ...{ newId: call.newId('agent'), reason: reason ?? 'Restarted by hand.', by: actor.email, force },
    limits: { cooldown, per_hour },
  });
  if (!restarted.agent) throw new AppError('conflict', restarted.reason, { escalated: restarted.escalated });
  await agentsChanged(call);
  return viewOf(call, restarted.agent.id);
}

export async function quarantineAgent(call: Call, id: string, reason: string) {
  requireAuthority(call);
  await agentOf(call, id);
  await call.services.store.agents.quarantine(call.organization_id, id, { reason, by: call.actor.email });
  await agentsChanged(call);
  return viewOf(call, id);
}

/** @throws forbidden below the authority of the guardian; conflict where it does not stand the test. */
export async function clearAgent(call: Call, id: string, evidence: string) {
  if (authorityOf(call) < authority.admin)
    throw new AppError('forbidden', 'A person who looks after agents lets one out of quarantine.');
  await agentOf(call, id);
  await call.services.store.agents.clear(call.organization_id, id, { evidence, by: call.actor.email });
  await agentsChanged(call);
  return viewOf(call, id);
}

export async function terminateAgent(call: Call, id: string, reason = 'Ended by hand.') {
  requireAuthority(call);
  await agentOf(call, id);
  await call.services.store.agents.terminate(call.organization_id, id, { reason, by: call.actor.email });
  await agentsChanged(call);
  return viewOf(call, id);
}

/** Ends agents that are stale and failed. */
export async function cleanUpStale(call: Call, projectId?: string) {
  requireAuthority(call);
  const { agents } = await staleAgents(call, projectId);
  const ended = agents.filter(({ status }) => status === 'failed').map(({ agent_id: id }) => id);
  for (const id of ended)
    await call.services.store.agents.terminate(call.organization_id, id, {
      ...{ reason: 'It was stale and failed.', by: call.actor.email },
    });
  await agentsChanged(call);
  return { ended };
}
