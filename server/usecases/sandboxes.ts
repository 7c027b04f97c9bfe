import { AppError } from '#workflows/domain/errors.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/sandboxes.ts';
import type { Call } from '../http/context.ts';
import { forkRun } from './fork-run.ts';
import { retryTask } from './tasks.ts';
import { iso } from './views.ts';

/** Milliseconds in which the place of the sandboxes answers. */
const answersWithinMs = 3000;

export async function sandboxHealth({ services: { sandbox } }: Call) {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`no answer within ${answersWithinMs / 1000} s`)), answersWithinMs).unref(),
  );
  const problem = await Promise.race([sandbox.list(), late]).then(
    () => null,
    (error: Error) => error.message,
  );
  const { provider, isolated } = sandbox;
  return { status: problem === null ? ('healthy' as const) : ('unhealthy' as const), provider, isolated, problem };
}

export async function listSandboxes(
  { services: { store }, organization_id }: Call,
  { project_id, search, state, ...page }: Query<typeof contracts.listSandboxes>,
) {
  const filter = { project_id, search };
  const [{ items, next_cursor }, counts] = await Promise.all([
    store.sandboxes.workPage(organization_id, { ...filter, state }, page),
    store.sandboxes.workNumbers(organization_id, filter),
  ]);
  return { items: items.map((row) => ({ ...row, created_at: row.created_at.toISOString() })), next_cursor, counts };
}

export async function sandboxMonitoring({ services: { store, config }, organization_id }: Call) {
  return {
    ...(await store.sandboxes.numbers(organization_id)),
    idle_timeout_seconds: config.sandbox.idle_timeout,
    check_interval_seconds: config.monitoring.health_interval,
  };
}

/** Each worker ends what is on its own machine, so the check of the project does it. */
export async function clearSandboxes({ services: { store, workflows, config }, organization_id }: Call) {
  if (!config.monitoring.enabled)
    throw new AppError(
      'conflict',
      'monitoring.enabled is false, so no check ends sandboxes. Set OMOIOS_MONITORING_ENABLED=true, then send it again.',
    );
  const projects = await store.sandboxes.unusedByProject(organization_id);
  for (const { project_id } of projects) await workflows.ensureWatchers({ organization_id, project_id });
  return {
    unused: projects.reduce((sum, { unused }) => sum + unused, 0),
    project_ids: projects.map(({ project_id }) => project_id),
  };
}

export async function phaseStatus({ services: { store }, organization_id }: Call, id: string) {
  const run = await store.runs.get(organization_id, id);
  const spec = run.spec_id ? await store.specs.get(organization_id, run.spec_id) : null;
  const outputs = spec ? await store.specs.outputs(spec.id) : {};
  return {
    run_id: run.id,
    run_status: run.status,
    spec_id: spec?.id ?? null,
    phase: run.phase,
    attempt: run.attempt,
    spec_status: spec?.status ?? null,
    current_phase: spec?.current_phase ?? null,
    passed: run.phase !== null && Object.hasOwn(outputs, run.phase),
  };
}

export async function runTranscript(
  { services: { store }, organization_id }: Call,
  id: string,
  { cursor = 0, limit }: Query<typeof contracts.runTranscript>,
) {
  const run = await store.runs.get(organization_id, id);
  const { rows, next } = await store.transcripts.page(run, cursor, limit);
  const lines = rows.map(
    ({ content, ...row }) => `${JSON.stringify({ ...row, content: JSON.parse(content) as unknown })}\n`,
  );
  return {
    session_id: run.id,
    turn: run.turn,
    messages: rows.length,
    transcript: Buffer.from(lines.join('')).toString('base64'),
    updated_at: iso(rows.at(-1)?.created_at ?? null),
    next_cursor: next,
  };
}

/** EXEC-24. A session is resumed as a fork: beside its task, whose workflow alone starts the task's own attempts. */
export async function spawnSandbox(call: Call, input: Body<typeof contracts.spawnSandbox>) {
  const { store } = call.services;
  const { session_id: sessionId, task_id: taskId = '', ...how } = input;
  if (sessionId) return resume(call, await store.runs.get(call.organization_id, sessionId), how);
  const latest = await store.transcripts.newestOfTask(call.organization_id, taskId);
  return latest ? resume(call, latest, how) : startFresh(call, taskId, how);
}

type How = Pick<Body<typeof contracts.spawnSandbox>, 'turn' | 'instruction'>;

async function resume(call: Call, session: Run, { turn = session.turn, instruction }: How) {
  if (session.turn === 0)
    throw new AppError(
      'conflict',
      'The session has no turn yet, so there is nothing to resume. Name its task instead.',
    );
  if (!session.ended_at && turn === session.turn)
    throw new AppError(
      'conflict',
      `The session still runs (${session.status}). Send it a message with POST /runs/${session.id}/messages, or name an earlier turn.`,
    );
  const { run_id } = await forkRun(call, session.id, { turn, instruction });
  return { run_id, session_id: session.id, resumed: true };
}

/** A failed task is retried with the instruction. One that waits has its own start ahead. */
async function startFresh(call: Call, taskId: string, { turn, instruction }: How) {
  const { services, organization_id } = call;
  const task = await services.store.tasks.get(organization_id, taskId);
  if (turn !== undefined)
    throw new AppError('invalid_rule', `${task.key} has no session, so turn does not apply.`, [
      { field: 'turn', message: 'leave it out: the task has no session' },
    ]);
  if (!['pending', 'failed'].includes(task.status))
    throw new AppError('conflict', `${task.key} is ${task.status} and has no session that could be resumed.`);
  if (!task.description.endsWith(instruction))
    await services.store.tasks.patch(organization_id, taskId, { description: `${task.description}\n\n${instruction}` });
  if (task.status === 'failed') await retryTask(call, taskId);
  return { run_id: null, session_id: null, resumed: false };
}
