import type { AgentsLook, AgentsSeen } from '#workflows/contracts/agents.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import { cutRun } from '../ports/bus.ts';
import { requeueHeldBack } from '../ports/requeue-held-back.ts';
import type { Services } from '../ports/services.ts';
import { deterministicId } from '../support/ids.ts';

/** The step of `heartbeatWorkflow`. A repeated look restarts nothing twice. */
export function createAgentWatch(services: Services) {
  const { store, workflows, config, bus } = services;
  return {
    watchAgents: async ({ organization_id, counts, cut }: AgentsLook): Promise<AgentsSeen> => {
      const { heartbeat_interval, restart_cooldown: cooldown, restarts_per_hour: per_hour } = config.monitoring;
      const { failed, watched } =
        counts && config.monitoring.enabled
          ? await store.agents.sweep(organization_id, heartbeat_interval)
          : { failed: [], watched: await store.agents.watched(organization_id) };
      for (const id of failed)
        await store.agents.restart(organization_id, id, {
          newId: deterministicId(`restart:${id}`),
          reason: 'It was silent for three heartbeats.',
          by: 'heartbeats',
          limits: { cooldown, per_hour },
        });
      const stranded = await store.agents.strandedRuns(organization_id);
      for (const { id, agent } of stranded) {
        const stop = { by: 'agents', reason: 'agent_replaced', message: `${agent} no longer works on the task.` };
        await workflows.signalIfRunning(workflowId.run(id), wakeSignal, { stop });
        if (cut.includes(id)) cutRun(bus, organization_id, id);
      }
      if (failed.length > 0) await requeueHeldBack(services, organization_id);
      return { watched, stopping: stranded.map(({ id }) => id) };
    },
  };
}
