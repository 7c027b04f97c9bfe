import { listInbox } from '#server/contracts/inbox.ts';
import { getRun, listRuns, pauseRun, resumeRun, sendMessage, steerRun, stopRun } from '#server/contracts/runs.ts';
import { approvePhase, phaseData } from '#server/contracts/specs.ts';
import { listTasks, retryTask } from '#server/contracts/tasks.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { call } from './browser-api.ts';
import { isLive, statusOf } from './status.ts';
import type { Order } from './verbs.ts';

/** One thing that an order changes. */
export interface Step {
  id: string;
  label: string;
  note: string;
  /** Why it cannot be done. */
  because?: string;
  run: () => Promise<unknown>;
  undo?: () => Promise<unknown>;
}

const once = () => ({ idempotencyKey: crypto.randomUUID() });

/** What an order would change, looked up before anything happens. */
export async function planOrder(order: Order): Promise<Step[]> {
  const { verb, target } = order;
  if (verb.name === 'approve') return greenGates(target !== 'all' && 'title' in target ? target.title : '');
  if (target === 'all') {
    const { items } = await call(listRuns, {
      query: { status: verb.name === 'pause' ? 'running' : 'paused', limit: 200 },
    });
    return items.map((run) => ({ ...runStep(order, run.id), label: run.title, note: statusOf(run.status).label }));
  }
  const key = 'key' in target ? target.key : '';
  const { items } = await call(listTasks, { query: { search: key, limit: 50 } });
  return Promise.all(
    items
      .filter((task) => task.key === key)
      .map(async (task): Promise<Step> => {
        const label = `${task.key} ${task.title}`;
        if (verb.name === 'retry')
          return {
            id: task.id,
            label,
            note: statusOf(task.status).label,
            because: task.status === 'failed' ? undefined : 'Only a failed task is retried',
            run: () => call(retryTask, { params: { id: task.id } }, once()),
          };
        const run = task.run_id ? await call(getRun, { params: { id: task.run_id } }) : undefined;
        return {
          ...runStep(order, run?.id ?? ''),
          id: task.id,
          label,
          note: run ? `${statusOf(run.status).label}, turn ${run.turn}` : statusOf(task.status).label,
          because: run ? (isLive(run.status) ? undefined : 'Its run has ended') : 'It has no run yet',
        };
      }),
  );
}

function runStep({ verb, words = '' }: Order, id: string): Pick<Step, 'id' | 'run' | 'undo'> {
  const params = { id };
  const pause = () => call(pauseRun, { params, body: {} }, once());
  const resume = () => call(resumeRun, { params, body: {} }, once());
  if (verb.words === 'user_message')
    return { id, run: () => call(sendMessage, { params, body: { kind: 'user_message', content: words } }, once()) };
  if (verb.words) {
    const kind = verb.words;
    return { id, run: () => call(steerRun, { params, body: { kind, message: words } }, once()) };
  }
  if (verb.name === 'pause') return { id, run: pause, undo: resume };
  if (verb.name === 'resume') return { id, run: resume, undo: pause };
  return { id, run: () => call(stopRun, { params, body: {} }, once()) };
}

/** Gates that wait, of which the newest attempt passed without a veto. */
async function greenGates(title: string): Promise<Step[]> {
  const { items } = await call(listInbox, { query: {} });
  const gates = items.filter(
    (item) =>
      item.kind === 'gate' && item.spec_id && item.phase && item.title.toLowerCase().includes(title.toLowerCase()),
  );
  const steps = await Promise.all(
    gates.map(async ({ id, title: label, spec_id, phase }): Promise<Step | undefined> => {
      const params = { id: spec_id ?? '' };
      const { phases } = await call(phaseData, { params, query: { brief: 'true', phases: phase ?? '' } });
      const newest = phases[0]?.attempts.at(-1);
      if (!phases[0]?.at_gate || newest?.status !== 'passed' || (newest.vetoes ?? []).length > 0) return undefined;
      return {
        id,
        label,
        note: `${phaseTitle(phase ?? '')}${newest.score === null ? '' : `, ${newest.score.toFixed(2)}`}`,
        run: () => call(approvePhase, { params: { ...params, phase: phases[0]?.phase as 'design' }, body: {} }, once()),
      };
    }),
  );
  return steps.filter((step) => step !== undefined);
}
