import type { Run } from '#prisma/store/runs.ts';
import type { ToolOutcome } from '#workflows/contracts/run.ts';
import type { CallResult, RunNews, ToolCall } from '#prisma/store/tool-calls.ts';
import { CancelledFailure, Context } from '@temporalio/activity';
import { SandboxError } from '../ports/sandbox.ts';
import type { Services } from '../ports/services.ts';
import { splitSignal } from '../support/heartbeat.ts';
import { kept } from '../support/kept.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import type { PlatformContext, ToolResult } from '../tools/support/tool.ts';
import { keepCheckpoint } from './checkpoint.ts';
import { ownershipOf } from './file-ownership.ts';
import { ensureSandbox, inSandbox, isLost } from './sandbox.ts';
import { platformAccess } from './sandbox-key.ts';
import { ensureSetUp } from './set-up-sandbox.ts';
import { commandOf, stillRuns, waitsForJob } from '../tools/support/job-wait.ts';
import { callSignature, resultSignature } from './signature.ts';

/** A call as the workflow sees it: names and outcome, never input or output, to keep histories small. */
export interface CallFacts {
  position: number;
  name: string;
  effect: string;
  done: boolean;
  is_error: boolean;
  error_kind: string | null;
  /** [hash of the call, hash of its result] */
  signature: [string, string];
  outcome: ToolOutcome | null;
  /** It waited for a job that still runs; absent in histories of earlier versions. */
  waiting?: boolean;
}

export interface RunCallsInput {
  organization_id: string;
  run_id: string;
  turn: number;
  /** More than one only when all of them are reads or explorations, which run at the same time. */
  positions: number[];
  /** True for the turn's last calls: the checkpoint of the turn is taken after them. */
  last: boolean;
}

export interface RunCallsResult {
  calls: CallFacts[];
  files_changed: boolean;
}

export function callFacts(call: ToolCall, effect: string): CallFacts {
  return {
    position: call.position,
    name: call.name,
    effect,
    done: call.status === 'done',
    is_error: call.is_error,
    error_kind: call.error_kind,
    signature: [callSignature(call.name, call.input), call.result === null ? '' : resultSignature(call.result)],
    outcome: call.outcome,
    ...(call.name === 'bash' && call.exit_code === stillRuns && waitsForJob(commandOf(call.input))
      ? { waiting: true }
      : {}),
  };
}

const jobId = (runId: string, turn: number, position: number) => `${runId}.${turn}.${position}`;

/** The run of the calls, with everything that a call needs. */
export interface CallScope {
  services: Services;
  tools: ToolBox;
  run: Run;
  signal: AbortSignal;
  /** Aborted when another worker continues: a write that fails is not tried again. */
  left?: AbortSignal;
}

const keepResults = ({ services, run, left }: CallScope, results: { call: ToolCall; result: CallResult }[]) =>
  kept(() => services.store.toolCalls.finish(run, results), left);

function contextFor({ services, tools, run, signal }: CallScope, call: ToolCall): PlatformContext {
  const { store, config } = services;
  return {
    record: run,
    services,
    run: { id: run.id, mode: run.mode as PlatformContext['run']['mode'], attempt: run.attempt, epoch: run.epoch },
    call: {
      turn: call.turn,
      position: call.position,
      tool_use_id: call.tool_use_id,
      job_id: jobId(run.id, call.turn, call.position),
    },
    sandbox: {
      id: run.sandbox_id,
      port: services.sandbox,
      network: tools.networkOf(run),
      access: () => platformAccess(services, run),
    },
    forbidden_paths: run.settings.forbidden_paths,
    ownership: ownershipOf(services, run),
    limits: {
      result_chars: config.tools.result_chars,
      command_timeout_ms: config.tools.command_timeout * 1000,
      command_max_timeout_ms: config.tools.command_max_timeout * 1000,
    },
    signal,
    lastView: (path) => store.toolCalls.lastView(run.id, path, run.epoch_turn),
    viewedFiles: () => store.toolCalls.viewed(run.id, run.epoch_turn),
    lastCwd: async () => (await store.toolCalls.lastCommand(run.id))?.cwd ?? undefined,
    plan: call.edit_plan ?? undefined,
    savePlan: (plan) => store.toolCalls.saveEditPlan(run, call, plan),
  };
}

function stored(result: ToolResult, redact: (text: string) => string, started: number): CallResult {
  return {
    text: redact(result.text),
    is_error: result.is_error,
    error_kind: result.error_kind,
    exit_code: result.exit_code,
    image: result.image,
    duration_ms: Math.round(performance.now() - started),
    view: result.view,
    cwd: result.cwd,
    outcome: result.outcome,
  };
}

/** The result of a call whose sandbox was lost and made again from the newest checkpoint. */
const lost = (started: number): CallResult => ({
  text: 'The sandbox was lost while this ran, so its effect is unknown. The files are as they were after your last turn that changed files. Check the state, then call again if it is still needed.',
  is_error: true,
  error_kind: 'lost',
  duration_ms: Math.round(performance.now() - started),
});

async function execute(scope: CallScope, call: ToolCall): Promise<CallResult> {
  const { services, tools, run } = scope;
  const started = performance.now();
  const attempt = async () =>
    stored(await tools.call(run, call.name, call.input, contextFor(scope, call)), services.redact, started);
  const effect = tools.effectOf(call.name);
  const isCommand = effect === 'command';
  const madeAgain = async () => (await ensureSetUp(services, run)) === 'made';
  // It was lost before this call, or under an earlier try, which may have ended before the set-up did.
  if (
    !(await services.sandbox.isSettled(run.sandbox_id)) &&
    (await madeAgain()) &&
    call.status === 'running' &&
    isCommand
  )
    return lost(started);
  if (isCommand || effect === 'foreign') await services.store.toolCalls.start(run, call);
  try {
    return await attempt();
  } catch (error) {
    if (!isLost(error)) throw error;
    return (await madeAgain()) && isCommand ? lost(started) : attempt();
  }
}

/** Runs reads beside each other, and stores their results at once. */
async function runReads(scope: CallScope, reads: ToolCall[]): Promise<{ calls: ToolCall[]; news: RunNews }> {
  const results = await Promise.all(reads.map(async (call) => ({ call, result: await execute(scope, call) })));
  return keepResults(scope, results);
}

/** Runs the leading reads of an answer within the turn. */
export async function runInline(scope: CallScope, calls: ToolCall[]): Promise<ToolCall[]> {
  const { services, tools, run } = scope;
  const here = services.sandbox.host === undefined || services.sandbox.host === run.sandbox_host;
  const first = calls.findIndex((call) => tools.effectOf(call.name) !== 'read');
  const leading = (first < 0 ? calls : calls.slice(0, first)).filter((call) => call.status !== 'done');
  // Setting up a sandbox that was lost takes long: that waits for the step of the calls.
  if (!here || leading.length === 0 || !(await services.sandbox.isSettled(run.sandbox_id))) return calls;
  return withEnded(calls, (await runReads(scope, leading)).calls);
}

/** The calls of a turn, with those that have ended since. */
export const withEnded = (calls: ToolCall[], ended: ToolCall[]): ToolCall[] =>
  calls.map((call) => ended.find(({ position }) => position === call.position) ?? call);

/** Whether a call changed files. */
const changedFiles = ({ tree_before, tree_after }: ToolCall) => tree_after !== null && tree_after !== tree_before;
export const someChangedFiles = (calls: ToolCall[]): boolean => calls.some(changedFiles);

export function createRunCalls(services: Services, tools: ToolBox) {
  const { store, sandbox } = services;

  /** @param at `before`: the tree before the call. `last`: no call of the turn comes after it. */
  async function runOne(
    scope: CallScope,
    call: ToolCall,
    { before, last }: { before: string | null; last: boolean },
  ): Promise<{ call: ToolCall; news?: RunNews }> {
    const { run } = scope;
    const effect = tools.effectOf(call.name);
    const changes = (effect === 'command' || effect === 'write') && run.mode !== 'exploration';
    const started = performance.now();
    let result = await execute(scope, call);
    if (changes && result.error_kind !== 'bad_input' && result.error_kind !== 'forbidden') {
      const treeNow = async () =>
        last && run.mode !== 'validation'
          ? (await keepCheckpoint(services, run, call.turn)).tree
          : sandbox.treeHash(run.sandbox_id);
      try {
        result.tree_after = await treeNow();
      } catch (error) {
        if (!isLost(error)) throw error;
        // The files of this call are gone with the sandbox, unless only its processes died.
        if ((await ensureSandbox(services, run)) === 'made') result = lost(started);
        result.tree_after = await treeNow();
      }
      result.tree_before = before ?? undefined;
    }
    // A question is answered later; until then the call stays open.
    if ((effect === 'wait' || effect === 'explore') && !result.is_error) {
      const { outcome } = result;
      if (outcome) await store.toolCalls.saveOutcome(run, call, outcome);
      return { call: { ...call, outcome: outcome ?? null } };
    }
    const { calls, news } = await keepResults(scope, [{ call, result }]);
    return { call: calls[0] ?? call, news };
  }

  /**
   * Runs calls of a turn that run together: reads or explorations, or one of any other kind.
   * @param turn all calls of the turn.
   * @param handedOver rejects when the worker ends: a command is then left to the next one.
   * @returns the calls that ran, and what came for the run meanwhile where a statement told it.
   */
  async function runGroup(
    scope: CallScope,
    turn: ToolCall[],
    { group, last, handedOver }: { group: ToolCall[]; last: boolean; handedOver: Promise<never> },
  ): Promise<{ calls: ToolCall[]; news?: RunNews }> {
    const { run } = scope;
    const first = Math.min(...group.map(({ position }) => position));
    const before = turn.findLast((call) => call.tree_after !== null && call.position < first)?.tree_after ?? run.tree;
    if (group.every((call) => tools.effectOf(call.name) === 'read'))
      return Promise.race([runReads(scope, group), handedOver]);
    const ran = await Promise.race([
      Promise.all(group.map((call) => runOne(scope, call, { before, last }))),
      handedOver,
    ]);
    return { calls: ran.map(({ call }) => call), news: ran.find(({ news }) => news)?.news };
  }

  /** The turn must not end without a checkpoint after its last call, even when an earlier try made that call. */
  async function requireCheckpoint(run: Run, turn: number, calls: ToolCall[]): Promise<void> {
    if (calls.some((call) => call.tree_after && call.tree_after !== run.tree))
      await inSandbox(services, run, () => keepCheckpoint(services, run, turn));
  }

  async function runCalls(input: RunCallsInput): Promise<RunCallsResult> {
    const run = await store.runs.get(input.organization_id, input.run_id);
    const turn = await store.toolCalls.ofTurn(run.id, input.turn);
    const calls = turn.filter((call) => input.positions.includes(call.position));
    const open = calls.filter((call) => call.status !== 'done');
    const { interrupt, handedOver } = splitSignal(Context.current().cancellationSignal);
    const scope = { services, tools, run, signal: interrupt };
    const ran =
      open.length > 0 ? (await runGroup(scope, turn, { group: open, last: input.last, handedOver })).calls : [];
    if (input.last && open.length === 0) await requireCheckpoint(run, input.turn, calls);
    if (interrupt.aborted && open.some((call) => tools.effectOf(call.name) === 'command'))
      throw new CancelledFailure('The command was interrupted.');
    return {
      calls: withEnded(calls, ran).map((call) => callFacts(call, tools.effectOf(call.name))),
      files_changed: someChangedFiles(ran),
    };
  }

  async function endCommand(sandboxId: string, job: string): Promise<void> {
    await sandbox.killCommand(sandboxId, job).catch((error: unknown) => {
      if (!(error instanceof SandboxError)) throw error;
    });
  }

  /**
   * Answers calls that will not run, so that each call in the conversation has a result. It also ends a command whose
   * worker died before the interrupt reached it.
   */
  async function skipCalls(input: {
    organization_id: string;
    run_id: string;
    turn: number;
    positions: number[];
    reason: string;
  }): Promise<void> {
    const run = await store.runs.get(input.organization_id, input.run_id);
    const open = (await store.toolCalls.ofTurn(run.id, input.turn)).filter(
      (call) => input.positions.includes(call.position) && call.status !== 'done',
    );
    await skip(run, open, input.reason);
  }

  /** @returns the calls after that. */
  async function skip(run: Run, open: ToolCall[], reason: string): Promise<ToolCall[]> {
    for (const call of open)
      if (call.status === 'running' && tools.effectOf(call.name) === 'command')
        await endCommand(run.sandbox_id, jobId(run.id, call.turn, call.position));
    const textOf = (call: ToolCall) =>
      call.status === 'running'
        ? `Stopped before its end: ${reason} Its effects until then remain: check the state before you call it again.`
        : `Not run: ${reason}`;
    const { calls } = await store.toolCalls.finish(
      run,
      open.map((call) => ({
        call,
        result: {
          text: textOf(call),
          is_error: true,
          error_kind: call.status === 'running' ? 'interrupted' : 'not_run',
          duration_ms: 0,
        },
      })),
    );
    return calls;
  }

  /** Stores the answer to a question if there is one. With `expired` the call is answered with the default. */
  async function takeAnswer(input: {
    organization_id: string;
    run_id: string;
    turn: number;
    position: number;
    expired: boolean;
  }): Promise<{ answered: boolean }> {
    const question = await store.messages.question(input.run_id, input.turn, input.position);
    if (!question || (question.answer === null && !input.expired)) return { answered: false };
    const text =
      question.answer !== null
        ? `Answer from ${question.answered_by ?? 'a person'}: ${question.answer}`
        : `No person answered in time. ${question.default_answer ? `Continue with the default: ${question.default_answer}` : 'Continue with the assumption that changes least, and say so in your summary.'}`;
    if (question.answer === null)
      await store.messages.answer(
        input.organization_id,
        input.run_id,
        question.default_answer ?? '',
        'nobody (expired)',
        question.id,
      );
    const run = await store.runs.get(input.organization_id, input.run_id);
    const call = await store.toolCalls.get(input);
    await store.toolCalls.finish(run, [
      { call, result: { text: services.redact(text), duration_ms: Date.now() - question.created_at.getTime() } },
    ]);
    return { answered: true };
  }

  return { activities: { runCalls, skipCalls, takeAnswer }, runGroup, requireCheckpoint, skip };
}
