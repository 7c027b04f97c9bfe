import { authority } from '#workflows/domain/agents/agent.ts';
import { isHealthy } from '#workflows/domain/agents/match.ts';
import type { BusyAgent } from '#prisma/store/agents.ts';
import type { Call } from '../http/context.ts';
import { at, iso } from './views.ts';

type RunNow = Awaited<ReturnType<Call['services']['store']['agents']['runsNow']>>[number];

/** The newest sign of life: a heartbeat, or of an agent that the platform runs the newest work of its runs. */
function lastSign(agent: BusyAgent, runs: RunNow[]): Date | null {
  if (agent.elsewhere) return agent.last_heartbeat_at;
  return runs.map(({ last_work_at: time }) => time).reduce((a, b) => (a && b ? (a > b ? a : b) : (a ?? b)), null);
}

/** Agents as the REST interface shows them, with their runs. */
export async function agentViews({ services, organization_id }: Call, agents: BusyAgent[]) {
  const ids = agents.map(({ id }) => id);
  const [all, bundles] = await Promise.all([
    services.store.agents.runsNow(organization_id, ids),
    services.store.agents.bundles(organization_id, ids),
  ]);
  return agents.map((agent) => {
    const runs = all.filter(({ agent_id: id }) => id === agent.id);
    return {
      ...{ id: agent.id, name: agent.name, agent_type: agent.agent_type, project_id: agent.project_id },
      ...{ phase_id: agent.phase_id, capabilities: agent.capabilities, capacity: agent.capacity, busy: agent.busy },
      ...{ tags: agent.tags, status: agent.status, available: agent.available, elsewhere: agent.elsewhere },
      ...{ missed: agent.missed, sequence_number: agent.sequence_number },
      last_heartbeat_at: iso(lastSign(agent, runs)),
      current_task_id: agent.elsewhere ? (agent.reported?.current_task_id ?? null) : (runs[0]?.task_id ?? null),
      health_metrics: agent.reported?.health_metrics ?? {},
      runs: runs.map(({ id, task_id, title, status, waiting_for, alignment, branch, last_work_at }) => ({
        ...{ run_id: id, task_id, title, status, waiting_for, alignment, branch, last_work_at: iso(last_work_at) },
      })),
      escalated_at: iso(agent.escalated_at),
      evidence: bundles.get(agent.id) ?? null,
      replaces_id: agent.replaces_id,
      replaced_by_id: agent.replaced_by_id,
      registered_by: agent.registered_by,
      created_at: at(agent.created_at),
    };
  });
}

/** The heartbeats of agents. Reading them changes nothing. */
export async function healthOf({ services, organization_id }: Call, agents: BusyAgent[]) {
  const { store, config } = services;
  const [silences, all] = await Promise.all([
    store.agents.silences(organization_id),
    store.agents.runsNow(
      organization_id,
      agents.map(({ id }) => id),
    ),
  ]);
  const staleAfter = 3 * config.monitoring.heartbeat_interval;
  const rows = agents.map((agent) => {
    const runs = all.filter(({ agent_id: id }) => id === agent.id);
    const waits = runs.length > 0 && runs.every(({ waiting_for: reason }) => reason !== null);
    const silent = silences.get(agent.id) ?? null;
    return {
      ...{ agent_id: agent.id, name: agent.name, status: agent.status, elsewhere: agent.elsewhere },
      healthy: isHealthy(agent),
      stale: silent !== null && !waits && silent > staleAfter,
      stuck: runs.some(({ waiting_for: reason }) => reason === 'person' || reason === 'budget'),
      missed: agent.missed,
      silent_seconds: silent,
      last_heartbeat_at: iso(lastSign(agent, runs)),
    };
  });
  return { stale_after_seconds: staleAfter, agents: rows };
}

/** The authority of a caller over agents (EXEC-32): an agent's own key has the least. */
export const authorityOf = ({ actor }: Call): number =>
  actor.agent || actor.place ? authority.agent : actor.is_super_admin ? authority.operator : authority.admin;
