import { randomUUID } from 'node:crypto';
import type { WatchdogLook, WatchdogState } from '#workflows/contracts/watch.ts';
import { authority } from '#workflows/domain/agents/agent.ts';
import { isCertain, remedyFor } from '#workflows/domain/watch/watchdog.ts';
import { lookAtMonitors, remedy, type SeenLoop } from '../ports/monitors.ts';
import type { Services } from '../ports/services.ts';

/** Steps of `watchdogWorkflow`. */
export function createWatchdog(services: Pick<Services, 'store' | 'workflows' | 'config' | 'log'>) {
  const { store, workflows, log } = services;

  /** Does what the policies say about a loop with an issue that is certain. */
  async function act({ monitor, organization_id, project_id, workflow_id, issue, state }: SeenLoop): Promise<void> {
    if (!issue || !state) return;
    const { earlier, escalated, begun } = await store.watchdog.earlier(workflow_id);
    // Its look ended before it did.
    if (begun) return void (await remedy(services, begun));
    if (escalated) return;
    const hasPeer = issue === 'unresponsive' && (await workflows.workers()) > 1;
    const policy = remedyFor(issue, earlier, hasPeer);
    if (!policy) return;
    log.warn({ workflow_id, issue, policy }, 'a loop does not go on');
    await remedy(services, {
      id: randomUUID(),
      ...{ monitor, organization_id, project_id, workflow_id, issue, policy, before: state },
      ...{ actor: 'watchdog', authority: authority.watchdog, reason: `The ${monitor} loop: ${issue}.` },
    });
  }

  return {
    startWatchdog: () => workflows.startWatchdog(),

    /** Looks at all loops once, and brings back those that are gone. */
    watchMonitors: async ({ looks, guarded }: WatchdogState): Promise<WatchdogLook> => {
      if (!guarded) await workflows.guardWatchdog(true);
      const seen = await lookAtMonitors(services, null);
      const next: WatchdogState['looks'] = {};
      const escalated = await store.watchdog.escalated();
      for (const loop of seen) {
        const { workflow_id, issue } = loop;
        const known = looks[workflow_id];
        const count = known && known.issue === issue ? known.count + 1 : 1;
        if (issue) next[workflow_id] = { issue, count };
        if (issue && isCertain(issue, count)) await act(loop);
      }
      // A loop that is not needed any more needs no person either.
      for (const id of escalated) if (!next[id]) await store.watchdog.recovered(id, await workflows.state(id));
      return { watched: seen.length, looks: next, guarded: true };
    },

    /** No loop runs any more, so nothing needs to bring the watchdog back. */
    leaveMonitors: async (state: WatchdogState): Promise<WatchdogState> => {
      await workflows.guardWatchdog(false);
      return { ...state, guarded: false };
    },
  };
}
