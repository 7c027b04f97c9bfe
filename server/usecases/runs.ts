import { isStopped, nightOfTicket, type NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { z } from 'zod';
import { endModelPause } from '#activities/ports/end-model-pause.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { urgencyOf } from '#workflows/domain/agent/inbox.ts';
import type { Update } from '#workflows/contracts/message.ts';
import { progressQuery } from '#workflows/contracts/progress.ts';
import { cutRun } from '#activities/ports/bus.ts';
import { interruptUpdate, pauseUpdate, resumeUpdate, stopUpdate, wakeSignal } from '#workflows/contracts/run.ts';
import { sandboxEventTypes } from '#workflows/domain/events/sandbox-events.ts';
import { roleOfRun } from '#workflows/domain/tasks/analysis.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/runs.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { reachRun } from './reach-run.ts';
import { shownChange } from './shown-change.ts';
import { retryingOf } from './retrying.ts';
import { iso, toPageView, toMessageView, toRunView, toTaskView } from './views.ts';

export async function listRuns({ services, organization_id }: Call, query: Query<typeof contracts.listRuns>) {
  const { project_id, spec_id, ticket_id, task_id, status, kind } = query;
  return toPageView(
    await services.store.runs.list(organization_id, { project_id, spec_id, ticket_id, task_id, status, kind }, query),
    toRunView,
  );
}

type Work = { spec_id: string | null; ticket_id: string | null };

/** What the launch of a run's spec, or of its ticket without one, says for the night. */
async function nightOf({ services: { store }, organization_id }: Call, run: Work): Promise<NightTerms | null> {
  if (run.spec_id) return (await store.specs.get(organization_id, run.spec_id)).night;
  return run.ticket_id ? nightOfTicket(await store.tickets.get(organization_id, run.ticket_id)) : null;
}

export async function getRun(call: Call, id: string) {
  const { services, organization_id } = call;
  const run = await services.store.runs.get(organization_id, id);
  const [task] = run.task_id ? await services.store.tasks.byIds([run.task_id]) : [];
  // A run that has ended keeps what its costs say.
  const account = run.ended_at ? undefined : await services.model.accountOf?.(run);
  const key = account?.key?.provider === run.provider ? account.key : null;
  const model_key = key && { id: key.id, name: key.name, owner: key.owner, last_four: key.last_four };
  return {
    ...toRunView(run),
    night: run.ended_at ? null : await nightOf(call, run),
    role: roleOfRun({ kind: run.kind, phase: task?.phase_id ?? null }),
    task_phase_id: task?.phase_id ?? null,
    model_key,
    model_key_unused: account?.unused ?? null,
    retrying: await retryingOf(services, workflowId.run(id), run),
  };
}

const blocksOf = (content: string): unknown[] => JSON.parse(content) as unknown[];

function inputOf(input: string): unknown {
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return input;
  }
}

/** Turns with all their messages. Messages that an epoch repeats from an older epoch are left out. */
export async function runTurns(
  { services, organization_id }: Call,
  id: string,
  query: Query<typeof contracts.runTurns>,
) {
  const { turns, calls, messages, checkpoints } = await services.store.turns.list(
    organization_id,
    id,
    query.cursor ?? query.after,
    query.limit,
  );
  const items = turns.map((turn) => {
    const own = messages.filter((message) => message.turn === turn.turn && message.epoch === turn.epoch);
    return {
      turn: turn.turn,
      epoch: turn.epoch,
      iteration: turn.iteration,
      model: turn.model,
      stop_reason: turn.stop_reason,
      usage: {
        input_tokens: turn.input_tokens,
        output_tokens: turn.output_tokens,
        cache_read_tokens: turn.cache_read_tokens,
        cache_write_tokens: turn.cache_write_tokens,
      },
      cost_micros: turn.cost_micros,
      received: own.filter((message) => message.role === 'user').flatMap((message) => blocksOf(message.content)),
      content: own
        .filter((message) => message.role === 'assistant')
        .slice(-1)
        .flatMap((message) => blocksOf(message.content)),
      tool_calls: calls
        .filter((call) => call.turn === turn.turn)
        .map((call) => ({
          tool_use_id: call.tool_use_id,
          position: call.position,
          name: call.name,
          input: inputOf(call.input),
          status: call.status,
          result: call.result,
          is_error: call.is_error,
          exit_code: call.exit_code,
          duration_ms: call.duration_ms,
          answering_run_id: call.outcome?.kind === 'exploring' ? call.outcome.run_id : null,
          started_at: iso(call.started_at),
          ended_at: iso(call.ended_at),
        })),
      files_changed: (turn.files_changed ?? []) as {
        path: string;
        change_type: string;
        lines_added: number;
        lines_removed: number;
      }[],
      checkpoint: checkpoints.find((checkpoint) => checkpoint.turn === turn.turn)?.sha ?? null,
      waited_ms: turn.waited_ms,
      started_at: turn.started_at.toISOString(),
      first_token_ms: turn.first_token_ms,
      answered_at: iso(turn.answered_at),
      ended_at: turn.ended_at.toISOString(),
    };
  });
  return { items, next_cursor: items.length === query.limit ? String(items.at(-1)?.turn) : null };
}

const maxDiff = 1_000_000;

/** The changes of one turn, or with from=base all changes up to it. */
export async function runDiff({ services, organization_id }: Call, id: string, query: Query<typeof contracts.runDiff>) {
  const { store } = services;
  const run = await store.runs.get(organization_id, id);
  const base = run.base_sha;
  let from = base;
  let to = run.head_sha ?? base;
  if (query.turn !== undefined) {
    if (query.turn > run.turn) throw new AppError('not_found', `The run has ${run.turn} turns.`);
    const checkpoint = await store.toolCalls.checkpointAt(id, query.turn);
    to = checkpoint?.sha ?? base;
    if (query.from === 'turn') from = checkpoint?.turn === query.turn ? checkpoint.parent_sha : to;
  }
  return { from, to, ...(await shownChange(services, run.project_id, from, to, { maxBytes: maxDiff })) };
}

export async function runEvents(
  { services, organization_id, actor }: Call,
  id: string,
  query: Query<typeof contracts.runEvents>,
) {
  const wanted = query.event_type?.split(',');
  const reported = wanted?.filter((type) => sandboxEventTypes.includes(type));
  // The role of agents does not read what others observe of its run.
  const types = actor.agent
    ? reported?.length
      ? []
      : ['sandbox.reported']
    : wanted?.filter((type) => !sandboxEventTypes.includes(type));
  const items = await services.store.events.after(organization_id, query.cursor ?? query.after, query.limit, {
    entity_ids: [id],
    types,
    ...(reported?.length ? { reported } : {}),
  });
  return { items, next_cursor: items.length === query.limit ? String(items.at(-1)?.seq) : null };
}

export async function runTrajectory(call: Call, id: string, query: Query<typeof contracts.runTrajectory>) {
  const { services, organization_id } = call;
  const filter = { entity_ids: [id] };
  const found =
    query.direction === 'forward'
      ? await services.store.events.after(organization_id, query.cursor ?? 0, query.limit + 1, filter)
      : await services.store.events.before(organization_id, query.cursor, query.limit + 1, filter);
  const page = found.slice(0, query.limit);
  // Searches are left out of the trajectory; the run's events contain them.
  const items = page.filter(
    (event) =>
      !(event.type.startsWith('run.tool.') && (event.data.tool === 'search_files' || event.data.tool === 'list_files')),
  );
  return {
    items,
    next_cursor: page.at(-1)?.seq ?? null,
    has_more: found.length > query.limit,
    context: await trajectoryContext(call, id),
  };
}

/** WATCH-02: the goal, the constraints and the state of the work, taken from the whole run and not from its end. */
async function trajectoryContext({ services, organization_id }: Call, id: string) {
  const { store } = services;
  const run = await store.runs.get(organization_id, id);
  const messages = await store.messages.list(organization_id, id);
  const analysis = await store.watching.lastAnalysis(id);
  const earlier = run.task_id
    ? (await store.runs.list(organization_id, { task_id: run.task_id }, { limit: 20 })).items.filter(
        (other) => other.attempt < run.attempt && other.error_message,
      )
    : [];
  const found = run.task_id ? await store.discoveries.ofTask(organization_id, run.task_id) : [];
  const constraints = messages.filter((message) => message.steer_kind === 'constraint');
  return {
    overall_goal: run.goal,
    evolved_goals: analysis?.accumulated_goal ? [analysis.accumulated_goal] : [],
    constraints: constraints.filter((message) => !message.lifted_at).map((message) => message.content),
    lifted_constraints: constraints.filter((message) => message.lifted_at).map((message) => message.content),
    standing_instructions: messages
      .filter((message) => message.kind === 'user_message' && message.delivered_at_turn !== null)
      .slice(-5)
      .map((message) => message.content),
    phases_completed: run.spec_id ? Object.keys(await store.specs.outputs(run.spec_id)) : [],
    attempted_approaches: earlier.slice(0, 10).map((other) => `attempt ${other.attempt}: ${other.error_message}`),
    discovered_blockers: found
      .filter((discovery) => discovery.blocking && discovery.source_run_id === run.id)
      .slice(-10)
      .map((discovery) => discovery.title),
    current_focus: analysis?.current_focus ?? null,
    todo: run.todo,
  };
}

export const runMessages = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.runMessages>,
) => toPageView(await services.store.messages.page(organization_id, id, page), toMessageView);

const wake = (call: Call, id: string, input: z.input<typeof wakeSignal.schema>) =>
  reachRun(call, id, () => call.services.workflows.signal(workflowId.run(id), wakeSignal, input));

export async function answerQuestion(
  { services, organization_id, actor }: Call,
  id: string,
  questionId: string,
  answer: string,
): Promise<void> {
  await services.store.messages.answer(organization_id, id, answer, actor.email, questionId);
  await services.workflows.signal(workflowId.run(id), wakeSignal, {});
}

/** A stored message is accepted; the signal only speeds up delivery. It answers the open question if there is one. */
export async function sendMessage(call: Call, id: string, input: Body<typeof contracts.sendMessage>) {
  const { services, organization_id, actor, newId } = call;
  const { content } = input;
  if (input.kind === 'user_message') {
    const [open] = await services.store.messages.openQuestions(organization_id, id);
    if (open) {
      await answerQuestion(call, id, open.id, content);
      return { message_id: open.id, answered_question_id: open.id };
    }
  }
  const message = await services.store.messages.accept({
    id: newId('message'),
    organization_id,
    run_id: id,
    kind: input.kind,
    rank: urgencyOf[input.kind],
    content,
    actor: actor.email,
  });
  await wake(call, id, { rank: urgencyOf[input.kind] });
  if (urgencyOf[input.kind] === 'interrupt') cutRun(services.bus, organization_id, id);
  return { message_id: message.id };
}

export async function steerRun(call: Call, id: string, input: Body<typeof contracts.steerRun>) {
  const { services, organization_id, actor, newId } = call;
  const content = input.message;
  const message = await services.store.messages.accept({
    id: newId('message'),
    organization_id,
    run_id: id,
    kind: 'steer',
    rank: urgencyOf.steer,
    steer_kind: input.kind,
    content,
    actor: actor.email,
  });
  const stop = input.kind === 'stop' ? { by: actor.email, reason: 'stopped', message: content } : undefined;
  await wake(call, id, { rank: urgencyOf.steer, ...(stop ? { stop } : {}) });
  if (stop) cutRun(services.bus, organization_id, id);
  return { message_id: message.id };
}

export async function liftConstraint({ services, organization_id, actor }: Call, id: string, messageId: string) {
  const message = await services.store.messages.lift(organization_id, id, messageId, actor.email);
  await services.workflows.signal(workflowId.run(id), wakeSignal, { rank: urgencyOf.steer });
  return { message_id: message.id };
}

async function command<S extends z.ZodType, A extends z.ZodType>(
  call: Call,
  id: string,
  update: Update<S, A>,
  input: z.input<S>,
  status: string,
) {
  const { services, organization_id } = call;
  const run = await services.store.runs.get(organization_id, id);
  if (run.ended_at) throw new AppError('conflict', `The run has ended (${run.status}).`);
  await reachRun(call, id, () => services.workflows.update(workflowId.run(id), update, input));
  return { status };
}

/** A command that ends the step under way. */
const cutting: typeof command = async (call, id, ...rest) => {
  const answer = await command(call, id, ...rest);
  cutRun(call.services.bus, call.organization_id, id);
  return answer;
};

type Reason = { reason?: string };

export const interruptRun = (call: Call, id: string, { message }: { message?: string }) =>
  cutting(call, id, interruptUpdate, { message, actor: call.actor.email }, 'interrupted');
export const pauseRun = (call: Call, id: string, input: Reason) =>
  command(call, id, pauseUpdate, { ...input, actor: call.actor.email }, 'pausing');
/** A person who resumes a run after the end of its ticket's night lets the ticket go on without an end. */
async function liftNight(call: Call, run: Work): Promise<void> {
  if (run.spec_id || !run.ticket_id) return;
  if (isStopped(await nightOf(call, run), new Date()))
    await call.services.store.tickets.liftStop(call.organization_id, run.ticket_id);
}

/** Resumes a run, and with it all runs that wait for the same fix of their provider. */
export async function resumeRun(call: Call, id: string, input: Reason) {
  const { services, organization_id, actor } = call;
  const run = await services.store.runs.get(organization_id, id);
  const by = { ...input, actor: actor.email };
  await liftNight(call, run);
  const answer = await command(call, id, resumeUpdate, by, 'resuming');
  if (run.status === 'paused' && run.waiting_reason) await endModelPause(services, run, run.waiting_reason, by);
  return answer;
}
export const stopRun = (call: Call, id: string, input: Reason) =>
  cutting(call, id, stopUpdate, { ...input, actor: call.actor.email }, 'stopping');

export async function runSandbox({ services, organization_id }: Call, id: string) {
  const row = await services.store.sandboxes.ofRun(organization_id, id);
  if (!row) throw new AppError('not_found', 'The run has no sandbox yet.');
  return { ...row, created_at: row.created_at.toISOString(), ended_at: iso(row.ended_at) };
}

export async function runTask({ services, organization_id }: Call, id: string) {
  const run = await services.store.runs.get(organization_id, id);
  return run.task_id ? toTaskView(await services.store.tasks.get(organization_id, run.task_id)) : null;
}

export const runProgress = ({ services }: Call, id: string) =>
  services.workflows.query(workflowId.run(id), progressQuery);

export async function listQuestions(
  { services, organization_id }: Call,
  { run_id, ...page }: Query<typeof contracts.listQuestions>,
) {
  return toPageView(await services.store.messages.questions(organization_id, page, run_id), (q) => ({
    id: q.id,
    run_id: q.run_id,
    question: q.question,
    options: q.options,
    default_answer: q.default_answer,
    created_at: q.created_at.toISOString(),
  }));
}
