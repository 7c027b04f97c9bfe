import { requeueHeldBack } from '#activities/ports/requeue-held-back.ts';
import { sameCapabilities } from '#workflows/domain/agents/agent.ts';
import { checksumText } from '#workflows/domain/agents/heartbeat.ts';
import { bestFit, coverage, matchScore, type Wanted } from '#workflows/domain/agents/match.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { BusyAgent } from '#prisma/store/agents.ts';
import type * as contracts from '../contracts/agents.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { randomToken, sha256 } from '../http/tokens.ts';
import { agentViews } from './agent-views.ts';
import { getRun } from './runs.ts';
import { requirePhase } from './phases.ts';
import { at, toPageView, toTaskView } from './views.ts';

/** @throws not_found, also for the id of a run. */
export async function agentOf({ services, organization_id }: Call, id: string): Promise<BusyAgent> {
  const agent = await services.store.agents.find(organization_id, id);
  if (!agent) throw notFound('agent');
  return agent;
}

export const viewOf = async (call: Call, id: string) => {
  const [view] = await agentViews(call, [await agentOf(call, id)]);
  if (!view) throw notFound('agent');
  return view;
};

/** The newest run of a registered agent; the id itself for a run's. @throws conflict for an agent that has had none. */
export async function runOfAgent({ services, organization_id }: Call, id: string): Promise<string> {
  const agent = await services.store.agents.find(organization_id, id);
  if (!agent) return id;
  const run = await services.store.agents.runOf(organization_id, agent.id);
  if (!run) throw new AppError('conflict', `The agent ${agent.name} has no run yet.`);
  return run;
}

/** What a person or an agent changed of agents: its heartbeats are watched, and tasks that waited for it start. */
export async function agentsChanged({ services, organization_id }: Call): Promise<void> {
  await services.workflows.watchAgents(organization_id, true);
  await requeueHeldBack(services, organization_id);
}

export async function registerAgent(call: Call, input: Body<typeof contracts.registerAgent>) {
  const { services, organization_id, actor } = call;
  const { project_id = null, phase_id = null, capabilities, elsewhere, ...fields } = input;
  if (project_id && phase_id) await requirePhase(call, project_id, phase_id);
  const key = elsewhere ? `sk_agent_${randomToken()}` : null;
  const agent = await services.store.agents.register({
    ...{ ...fields, id: call.newId('agent'), organization_id, project_id, phase_id, elsewhere },
    capabilities: sameCapabilities(capabilities),
    hashed_key: key && sha256(key),
    registered_by: actor.email,
  });
  await agentsChanged(call);
  return { ...(await viewOf(call, agent.id)), key };
}

export async function listAgents(call: Call, query: Query<typeof contracts.listAgents>) {
  const { project_id, status, agent_type, phase_id, ...page } = query;
  const found = await call.services.store.agents.page(
    call.organization_id,
    { project_id, status, agent_type, phase_id },
    page,
  );
  const views = await agentViews(call, found.items);
  return { items: views, next_cursor: found.next_cursor };
}

/** A registered agent, or the run of this id. */
export async function getAgent(call: Call, id: string) {
  const agent = await call.services.store.agents.find(call.organization_id, id);
  return agent ? viewOf(call, id) : getRun(call, id);
}

export async function updateAgent(call: Call, id: string, input: Body<typeof contracts.updateAgent>) {
  const { services, organization_id, actor } = call;
  const { status, reason, capabilities, ...fields } = input;
  const agent = await agentOf(call, id);
  const why = { reason: reason ?? 'By hand.', by: actor.email };
  if (status === 'quarantined') await services.store.agents.quarantine(organization_id, id, why);
  else if (status === 'idle' && agent.status === 'quarantined')
    throw new AppError(
      'invalid_body',
      'status: an agent leaves quarantine by POST /agents/{id}/clear, with evidence.',
      [{ field: 'status', message: 'leaves quarantine by POST /agents/{id}/clear, with evidence' }],
    );
  else if (status) await services.store.agents.move(organization_id, id, status, why);
  if (capabilities || Object.keys(fields).length > 0)
    await services.store.agents.update(
      organization_id,
      id,
      { ...fields, ...(capabilities ? { capabilities: sameCapabilities(capabilities) } : {}) },
      actor.email,
    );
  await agentsChanged(call);
  return viewOf(call, id);
}

export async function setAvailability(call: Call, id: string, available: boolean) {
  await agentOf(call, id);
  await call.services.store.agents.update(call.organization_id, id, { available }, call.actor.email);
  await agentsChanged(call);
  return viewOf(call, id);
}

const wantedOf = ({ capabilities, phase_id }: { capabilities: string; phase_id?: string }): Wanted => ({
  capabilities: sameCapabilities(capabilities.split(',')),
  phase_id: phase_id ?? null,
});

async function scored(call: Call, wanted: Wanted, agents: BusyAgent[]) {
  const views = await agentViews(call, agents);
  return agents.flatMap((agent) => {
    const view = views.find(({ id }) => id === agent.id);
    return view ? [{ ...view, score: matchScore(agent, wanted), coverage: coverage(agent, wanted) }] : [];
  });
}

export async function searchAgents(call: Call, query: Query<typeof contracts.searchAgents>) {
  const { project_id, agent_type, limit, ...rest } = query;
  const wanted = wantedOf(rest);
  const open = await call.services.store.agents.open(call.organization_id, project_id);
  const fit = open
    .filter((agent) => agent_type === undefined || agent.agent_type === agent_type)
    .filter((agent) => !wanted.phase_id || agent.phase_id === null || agent.phase_id === wanted.phase_id)
    .filter((agent) => matchScore(agent, wanted) > 0)
    .sort((a, b) => matchScore(b, wanted) - matchScore(a, wanted))
    .slice(0, limit);
  return { agents: await scored(call, wanted, fit) };
}

export async function bestAgent(call: Call, { project_id, ...rest }: Query<typeof contracts.bestAgent>) {
  const wanted = wantedOf(rest);
  const best = bestFit(await call.services.store.agents.open(call.organization_id, project_id), wanted);
  if (!best)
    throw new AppError(
      'not_found',
      `No agent that is free has all of these capabilities${wanted.capabilities.length > 0 ? ` (${wanted.capabilities.join(', ')})` : ''}. Register one, or wait until one is free.`,
    );
  const [view] = await scored(call, wanted, [best]);
  if (!view) throw notFound('agent');
  return view;
}

/** EXEC-31. @throws invalid_rule for the id of another agent and for a wrong checksum. */
export async function heartbeat(call: Call, id: string, { checksum, ...beat }: Body<typeof contracts.heartbeat>) {
  const { services, organization_id } = call;
  const agent = await agentOf(call, id);
  if (beat.agent_id !== undefined && beat.agent_id.toLowerCase() !== agent.id)
    throw new AppError('invalid_rule', `agent_id: must be ${agent.id}, the agent of the path.`);
  if (checksum !== sha256(checksumText(beat)))
    throw new AppError(
      'invalid_rule',
      'checksum: is not the SHA-256 in hex of the other fields as JSON with sorted keys and without white space.',
    );
  if (!agent.elsewhere)
    throw new AppError(
      'conflict',
      `The platform runs ${agent.name}, so it sends no heartbeats: its workflow goes on by itself.`,
    );
  const missing = await services.store.agents.beat(organization_id, {
    ...{ ...beat, agent_id: agent.id, current_task_id: beat.current_task_id ?? null },
  });
  // The loop that watches was perhaps ended by hand, and tasks may wait for an agent that comes back.
  await services.workflows.watchAgents(organization_id);
  if (agent.status !== 'idle' && agent.status !== 'running') await requeueHeldBack(services, organization_id);
  const { sequence_number } = beat;
  const message =
    missing.length > 0
      ? `Received. Never came: ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ' and more' : ''}.`
      : 'Received.';
  return { sequence_number, received: true, missing, message };
}

export async function agentTransitions(call: Call, id: string, page: Query<typeof contracts.agentTransitions>) {
  const rows = await call.services.store.agents.transitions(call.organization_id, id, page);
  return toPageView(rows, ({ id: row, from_status, to_status, reason, actor, evidence, created_at }) => ({
    ...{ id: row, from_status, to_status, reason, by: actor, at: at(created_at) },
    evidence: evidence as Record<string, unknown> | null,
  }));
}

export async function agentWork(call: Call, id: string, limit: number) {
  const { agents } = call.services.store;
  const agent = await agentOf(call, id);
  const { taken, offered } = await agents.workFor(agent, limit);
  const runs = (await agents.ordersOf(call.organization_id, agent.id)).map(
    ({ id: run_id, task_id, iteration, opening, pending_opening, start_sha, branch }) => ({
      ...{ run_id, task_id, iteration, order: pending_opening ?? opening, start_sha, branch },
    }),
  );
  return { taken: taken.map(toTaskView), offered: offered.map(toTaskView), runs };
}

/** Stores the work of an agent elsewhere. The platform applies it where it checks the task. */
export async function handInPatch({ services, organization_id }: Call, id: string, patch: string) {
  const run = await services.store.runs.get(organization_id, id);
  if (run.settings.runner !== 'elsewhere')
    throw new AppError('conflict', 'The platform carries this run on, so nobody hands in its work.');
  await services.store.agents.storePatch(run, patch);
  return { status: 'stored' as const };
}

export async function acceptWork(call: Call, id: string, taskId: string) {
  await agentOf(call, id);
  const task = await call.services.store.agents.give(call.organization_id, id, taskId);
  await requeueHeldBack(call.services, call.organization_id);
  return toTaskView(task);
}

export async function reportAgentEvent(call: Call, { agent_id, ...report }: Body<typeof contracts.reportAgentEvent>) {
  const { store, config } = call.services;
  await agentOf(call, agent_id);
  const wait = await store.rateLimits.consume('sandbox_events', agent_id, config.rate_limits.sandbox_events);
  if (wait)
    throw new AppError('rate_limited', `This agent reports too many events. Try again in ${wait} s.`, undefined, wait);
  await store.agents.report(call.organization_id, agent_id, report);
  return { status: 'stored' as const };
}
