import { eventually } from '#tests/support/api.ts';
import { finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { latency, type Latency } from './numbers.ts';
import type { Stage } from './stage.ts';
import { medianTimeline, stepsOf } from './timeline.ts';

/**
 * Time from a task's end to the first model call of the agent that waited for it, while other tasks wait in the same
 * project. It covers the merge of the branch, the slot, and the next agent's branch, sandbox and context.
 */
export async function dispatchLatency(
  stage: Stage,
  waiting: number,
  links = 8,
): Promise<Latency & { waiting: number; join_p99_ms: number; timeline: string[][] }> {
  const { id: project_id } = await stage.project();
  stage.script = (request) =>
    request.context.kind === 'validation'
      ? reviewPasses(request)
      : request.context.title?.startsWith('Link')
        ? finishTask(request, {
            [`src/${request.context.title.toLowerCase().replace(' ', '-')}.js`]: 'export const link = 1;\n',
          })
        : { hang: true };
  const ticket = (title: string) =>
    stage.api.post<{ id: string }>('/tickets', {
      project_id,
      title,
      description: 'Measured.',
      workflow_mode: 'spec_driven',
      force_create: true,
    });
  const add = (ticket_id: string, title: string, depends_on: string[] = []) =>
    stage.api.post<{ id: string }>('/tasks', { ticket_id, title, description: 'Measured.', depends_on });
  const crowd = await ticket('Crowd');
  const first = await add(crowd.id, 'Holds the others up');
  for (let n = 0; n < waiting; n += 20)
    await Promise.all(
      Array.from({ length: Math.min(20, waiting - n) }, (_, k) => add(crowd.id, `Waits ${n + k}`, [first.id])),
    );
  const chain = await ticket('Chain');
  const ids: string[] = [];
  await stage.api.request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
  for (let n = 0; n < links; n += 1) ids.push((await add(chain.id, `Link ${n}`, ids.slice(-1))).id);
  await stage.api.request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: true });
  await eventually(
    'the chain is done',
    async () => (await stage.api.get<{ status: string }>(`/tasks/${ids.at(-1)}`)).status === 'completed',
    300_000,
  );
  const { client, close } = await stage.stack.temporal();
  const offset = Date.now() - performance.now();
  const gaps: number[] = [];
  const courses: Parameters<typeof medianTimeline>[0] = [];
  for (let n = 1; n < links; n += 1) {
    const [before, after] = [ids[n - 1] ?? '', ids[n] ?? ''];
    const from = Date.parse((await stage.api.get<{ ended_at: string }>(`/tasks/${before}`)).ended_at);
    const to = (stage.turnsOf(`Link ${n}`)[0]?.at ?? 0) + offset;
    gaps.push(to - from);
    const { run_id } = await stage.api.get<{ run_id: string }>(`/tasks/${after}`);
    const steps = await Promise.all([
      stepsOf(client, workflowId.task(before), 'task before'),
      stepsOf(client, workflowId.ticket(chain.id), 'ticket'),
      stepsOf(client, workflowId.projectQueue(project_id), 'queue'),
      stepsOf(client, workflowId.task(after), 'task'),
      stepsOf(client, workflowId.run(run_id), 'run'),
    ]);
    courses.push({ steps: steps.flat(), from, to });
  }
  await close();
  const joins = courses.map(({ steps, from, to }) => {
    const join = steps.find((step) => step.name === 'ticket: joinTask' && step.to > from && step.from < to);
    return join ? join.to - join.from : 0;
  });
  await Promise.all([crowd, chain].map(({ id }) => stage.api.post(`/tickets/${id}/cancel`).catch(() => undefined)));
  return { waiting, ...latency(gaps), join_p99_ms: latency(joins).p99_ms, timeline: medianTimeline(courses) };
}
