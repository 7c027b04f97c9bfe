import { loopId, lookAtMonitors, remedy, type SeenLoop } from '#activities/ports/monitors.ts';
import type { WatchdogAction } from '#prisma/store/watchdog.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { authority } from '#workflows/domain/agents/agent.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { issueOf, watchdogPolicies } from '#workflows/domain/watch/watchdog.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/watchdog.ts';
import type { Call } from '../http/context.ts';
import { authorityOf } from './agent-views.ts';
import { at, iso, toPageView } from './views.ts';

/** Whose loops a caller sees; null: those of the whole platform. */
const seenBy = ({ actor, organization_id }: Call, projectId?: string) =>
  actor.is_super_admin && !projectId ? null : organization_id;

const toMonitorView = ({ overdue, state: _state, issue, last_beat_at, ...loop }: SeenLoop, ttl: number) => ({
  ...loop,
  status: issue ?? (overdue !== null && overdue > ttl ? ('late' as const) : ('healthy' as const)),
  last_beat_at: iso(last_beat_at),
  overdue_seconds: overdue,
});

export async function monitorStatus(call: Call, { project_id }: Query<typeof contracts.monitorStatus>) {
  const { services } = call;
  const { watchdog_ttl: ttl } = services.config.monitoring;
  const seen = await lookAtMonitors(services, seenBy(call, project_id));
  return {
    running: await services.workflows.isRunning(workflowId.watchdog()),
    ttl_seconds: ttl,
    monitors: seen
      .filter((loop) => !project_id || loop.project_id === project_id)
      .map((loop) => toMonitorView(loop, ttl)),
  };
}

export const watchdogPolicyList = () =>
  Promise.resolve({ items: watchdogPolicies.map(({ issues, ...policy }) => ({ ...policy, issues: [...issues] })) });

const toActionView = ({ actor, organization_id: _own, created_at, ended_at, ...action }: WatchdogAction) => ({
  ...action,
  by: actor,
  created_at: at(created_at),
  ended_at: iso(ended_at),
});

export async function remediationHistory(
  call: Call,
  { project_id, monitor, ...page }: Query<typeof contracts.remediationHistory>,
) {
  const { watchdog } = call.services.store;
  return toPageView(await watchdog.page(seenBy(call, project_id), { project_id, monitor }, page), toActionView);
}

/**
 * Does something about a loop because a person says so, also about one that goes on. A repeated request finds the first.
 * @throws forbidden below the authority of the watchdog; conflict where nothing is watched.
 */
export async function executeRemediation(
  call: Call,
  { monitor, policy, reason, project_id }: Body<typeof contracts.executeRemediation>,
) {
  const { services, organization_id, actor } = call;
  const own = authorityOf(call);
  if (own < authority.watchdog)
    throw new AppError('forbidden', `This takes an authority of ${authority.watchdog} over agents; yours is ${own}.`);
  if (!services.config.monitoring.enabled)
    throw new AppError('conflict', 'Nothing is watched here. The operator sets OMOIOS_MONITORING_ENABLED=1.');
  const place = { organization_id, project_id: monitor === 'heartbeats' ? null : (project_id ?? null) };
  const workflow_id = loopId(monitor, place);
  const before = await services.workflows.state(workflow_id);
  return toActionView(
    await remedy(services, {
      ...{ id: call.newId('watchdog_action'), monitor, workflow_id, ...place, policy, reason, before },
      issue: issueOf(before, { overdue: null, interval: 0 }),
      ...{ actor: actor.email, authority: own },
    }),
  );
}
