import { workflowId } from '#workflows/contracts/ids.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import { startsByItself } from '#workflows/domain/tasks/states.ts';
import type { Services } from '../ports/services.ts';
import { dropUnused } from '../agent/sandbox-ahead.ts';
import { dropOrphanedChecks } from '../project/check-sandbox.ts';
import { startDiagnosis } from '../ports/start-diagnosis.ts';
import { deterministicId } from '../support/ids.ts';
import { IdleTracker } from './idle-tracker.ts';

/** Milliseconds that a run may be without a workflow, which normally starts right after its record is created. */
const withoutWorkflowMs = 60_000;

/** Ends idle runs, runs without a workflow, sandboxes without a run and checks without a workflow. */
export function createHealth(services: Services) {
  const { store, workflows, sandbox, config, log, disk } = services;
  const idle = new IdleTracker();

  return {
    checkHealth: async (input: {
      organization_id: string;
      project_id: string;
      last_reported: number | null;
    }): Promise<{ active: number; stalled: number; waits: boolean }> => {
      const active = await store.runs.activeOf(input.project_id);
      const idleMs = config.sandbox.idle_timeout * 1000;
      const mark = (what: string, runId = '') => `${input.project_id}:${what}:${runId}`;
      idle.forget(mark('work'), disk.problem() ? undefined : new Set(active.map((run) => mark('work', run.id))));
      idle.forget(mark('gone'), new Set(active.map((run) => mark('gone', run.id))));
      let stalled = 0;
      for (const run of active) {
        // EXEC-23: only work resets the idle time. A run that waits is not checked.
        const last = run.last_work_at ?? run.started_at;
        const still = idle.idleMs(mark('work', run.id), `${run.status} ${run.waiting_for} ${last?.getTime()}`);
        if (run.status === 'running' && run.waiting_for === null && last && still > idleMs) {
          stalled += 1;
          await workflows
            .signal(workflowId.run(run.id), wakeSignal, {
              stop: {
                by: 'health',
                reason: 'idle_timeout',
                message: `Nothing happened for ${Math.round(still / 1000)} s.`,
              },
            })
            .catch((error: unknown) =>
              log.warn({ run_id: run.id, error: String(error) }, 'an idle run could not be stopped'),
            );
        }
        const running = await workflows.isRunning(workflowId.run(run.id));
        if (idle.idleMs(mark('gone', run.id), running ? 'running' : 'gone') > withoutWorkflowMs && !running) {
          stalled += 1;
          await store.runs.end(run.organization_id, run.id, {
            status: 'failed',
            reason: 'workflow_gone',
            message: 'Its workflow ended without ending the run: terminated by hand, most likely.',
          });
        }
      }
      for (const orphan of await store.sandboxes.orphans()) {
        if (orphan.project_id !== input.project_id) continue;
        await sandbox.destroy(orphan.id, orphan.project_id);
        await store.sandboxes.end(orphan.organization_id, orphan.id, {
          status: 'terminated',
          reason: 'its run had ended',
        });
      }
      for (const ticket of await store.diagnostics.stuck(
        input.organization_id,
        input.project_id,
        config.diagnostic.stuck_after,
      )) {
        const [task_id] = ticket.failed_task_ids;
        const task = task_id ? await store.tasks.get(input.organization_id, task_id) : undefined;
        if (task)
          await startDiagnosis(services, task, 'stuck', deterministicId(`diagnostic:${task.id}:${task.attempt}:stuck`));
      }
      await dropOrphanedChecks(services, input.project_id);
      await dropUnused(services, input.project_id);
      const project = await store.projects.get(input.organization_id, input.project_id);
      const couldWork = active.length === 0 && startsByItself(project);
      const minutes = couldWork ? await store.watching.minutesReady(input.project_id) : 0;
      if (
        stalled > 0 ||
        minutes > 0 ||
        input.last_reported !== active.length ||
        (await store.alerts.isOpen(input.project_id, 'project_minutes_without_agent'))
      )
        await store.watching.healthChecked(input.organization_id, input.project_id, {
          active_agents: active.length,
          stalled,
          minutes_without_agent: minutes,
        });
      return { active: active.length, stalled, waits: minutes > 0 };
    },
  };
}
