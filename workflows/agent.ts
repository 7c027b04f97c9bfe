import { CancellationScope, continueAsNew, getExternalWorkflowHandle, sleep } from '@temporalio/workflow';
import type { CallFacts } from '#activities/agent/run-calls.ts';
import type { ModelTurnResult } from '#activities/agent/model-turn.ts';
import { workflowId } from './contracts/ids.ts';
import type { WaitingFor } from './contracts/progress.ts';
import type { AgentInput, RunOutcome, ToolOutcome } from './contracts/run.ts';
import type { AgentState, RunEnd } from './domain/agent/run.ts';
import { heldSignal } from './contracts/spec.ts';
import { nudgeSignal } from './contracts/watch.ts';
import { agentIdleSignal, discoveredSignal } from './contracts/work.ts';
import { limitReached, limitsToTell } from './domain/agent/limits.ts';
import { judgeTurn, noStreaks, type LoopDecision } from './domain/agent/loop-control.ts';
import { AgentControl } from './support/agent-control.ts';
import { models, records, sandboxActivities, work } from './support/activities.ts';
import { wasCancelled } from './support/failure.ts';
import { signalIfRunning } from './support/handlers.ts';
import { historyIsLong, settleHandlers } from './support/history.ts';
import { ProgressBoard } from './support/progress.ts';

interface End {
  status: RunEnd;
  reason: string;
  message: string;
}

type Turn = Extract<ModelTurnResult, { kind: 'turn' }>;

const freshState = (): AgentState => ({
  turn: 0,
  call_no: 0,
  epoch: 0,
  iteration: 1,
  iteration_turn: 0,
  active_ms: 0,
  iteration_active_ms: 0,
  cost_micros: 0,
  context_tokens: 0,
  last_call_at: null,
  paused: null,
  noticed: [],
  grace_used: false,
  signatures: [],
  streaks: { ...noStreaks },
  quiet_turns: 0,
  notices: [],
  double_output: false,
  waits: 0,
  compactions: 0,
  since_compaction: 0,
  sandbox_open: false,
});

const maxSubmissions = 5;
const maxRefusedCompletions = 3;
/** Seconds that the last turn of a run gets whose time is up. */
const graceSeconds = (maxSeconds: number) => Math.min(120, Math.max(5, maxSeconds / 10));
/** Seconds of the n-th wait for a provider that does not say how long: 15 s doubling to 15 min. */
const providerWait = (n: number) => Math.min(900, 15 * 2 ** n);

/**
 * One agent, durable: each model call and each tool call is a step, so that whatever dies, the run goes on at the
 * same turn. The state here is small; words, results and files are in the store and travel by id.
 */
class AgentLoop {
  private readonly state: AgentState;
  private readonly control: AgentControl;
  private readonly board = new ProgressBoard('waiting for its sandbox');
  private readonly ref: { organization_id: string; run_id: string };
  private readonly sandbox: ReturnType<typeof sandboxActivities>;

  constructor(private readonly input: AgentInput) {
    this.state = input.state ?? { ...freshState(), turn: input.start_turn ?? 0 };
    this.control = new AgentControl(this.state, input);
    this.ref = { organization_id: input.organization_id, run_id: input.run_id };
    this.sandbox = sandboxActivities(input.sandbox_queue);
  }

  async run(): Promise<RunOutcome> {
    try {
      if (!this.state.sandbox_open) await this.openSandbox();
      this.armDeadline();
      for (;;) {
        const end = (await this.beforeTurn()) ?? (await this.turn());
        this.tell();
        if (end && (await this.end(end))) return this.outcome(end);
      }
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      const end: End = { status: 'cancelled', reason: 'cancelled', message: 'The run was cancelled.' };
      await CancellationScope.nonCancellable(() => this.end(end));
      return this.outcome(end);
    } finally {
      this.control.disarmDeadline();
    }
  }

  private outcome(end: End): RunOutcome {
    this.board.set(end.status, end.message);
    return { ...end, turns: this.state.turn, cost_micros: this.state.cost_micros };
  }

  private tell(): void {
    const { turn, iteration, cost_micros, context_tokens, epoch } = this.state;
    this.board.now.attempt = iteration;
    this.board.now.totals = { turns: turn, iteration, cost_micros, context_tokens, epoch };
  }

  private async openSandbox(): Promise<void> {
    this.board.set('running', 'opening its sandbox');
    const { sandbox, spec_paused: specPaused } = await this.sandbox.openRun(this.ref);
    const begun = this.state.turn > (this.input.start_turn ?? 0);
    if (begun && sandbox !== 'running') this.state.notices.push('sandbox_revived');
    this.state.sandbox_open = true;
    if (!begun && specPaused) await this.holdForSpec();
  }

  /** It began while its spec was paused: the spec lets it go on with the others. */
  private async holdForSpec(): Promise<void> {
    this.state.paused ??= { by: 'spec', reason: 'The spec is paused.' };
    const spec = workflowId.spec(this.input.spec_id as string);
    const reached = await signalIfRunning(spec, heldSignal, { run_id: this.input.run_id });
    if (!reached && this.state.paused?.by === 'spec') this.state.paused = null;
  }

  private armDeadline(): void {
    const {
      state,
      input: { limits },
    } = this;
    const grace = state.grace_used ? graceSeconds(limits.max_seconds) : 0;
    const runLeft = (limits.max_seconds + grace) * 1000 - state.active_ms;
    const iterationLeft = limits.iteration_seconds
      ? limits.iteration_seconds * 1000 - state.iteration_active_ms
      : Infinity;
    this.control.armDeadline(Math.min(runLeft, iterationLeft), runLeft <= iterationLeft ? 'run' : 'iteration');
  }

  /** The clock ran out: of the iteration, or of the run, which has one last turn to hand in what it has. */
  private timeIsUp(): Promise<End | undefined> | undefined {
    const { control, state, input } = this;
    if (control.expired === 'run') state.active_ms = Math.max(state.active_ms, input.limits.max_seconds * 1000);
    if (control.expired === 'run' && !state.grace_used) return undefined;
    return this.iterationOver('timeout', `The time of iteration ${state.iteration} was up.`);
  }

  /** False when somebody's word came in between: then there is one more turn. */
  private async end(end: End): Promise<boolean> {
    this.board.set('running', 'ending');
    await this.takeIn();
    const { ended } = await this.sandbox.endRun({ ...this.ref, ...end, turn: this.state.turn });
    // What comes while it ends is refused by name: accepted is not lost.
    while (ended && this.control.incoming.length > 0) await this.takeIn();
    return ended;
  }

  // ── before a turn ─────────────────────────────────────────────────────────

  private async beforeTurn(): Promise<End | undefined> {
    const { control, state } = this;
    await this.takeIn();
    if (control.stop) return this.stopped();
    if (state.paused)
      await this.hold('person', state.paused.reason, {
        done: () => state.paused === null,
        paused: true,
        notice: 'resumed',
      });
    if (control.stop) return this.stopped();
    if (historyIsLong()) await this.continueAsNew();
    const over = control.expired ? await this.timeIsUp() : undefined;
    if (over) return over;
    const limit = this.checkLimits();
    if (limit) return limit;
    if (state.iteration_turn >= this.input.limits.iteration_turns)
      return this.iterationOver(
        'turns',
        `Iteration ${state.iteration} used its ${this.input.limits.iteration_turns} turns.`,
      );
    await this.compactIfNeeded();
    return undefined;
  }

  private stopped(): End {
    const { by, reason, message } = this.control.stop as NonNullable<AgentControl['stop']>;
    // A guardian's stop is a failed attempt, which may be tried anew; a person's is the end.
    return { status: reason === 'stopped' ? 'cancelled' : 'failed', reason, message: `${message} (${by})` };
  }

  /** Gives rows to what came by signal. */
  private async takeIn(): Promise<void> {
    if (this.control.incoming.length > 0) {
      const messages = this.control.incoming;
      this.control.incoming = [];
      // Once it is taken out of the list only its row keeps it, whoever cancels the run meanwhile.
      await CancellationScope.nonCancellable(() => records.storeMessages({ ...this.ref, messages }));
    }
    if (this.control.signals.someIgnored) await this.control.signals.recordIgnored();
  }

  private checkLimits(): End | undefined {
    const { state, input } = this;
    for (const name of limitsToTell(state, input.limits, state.noticed)) {
      state.noticed.push(name);
      state.notices.push(`limit_${name}`);
    }
    const reached = limitReached(state, input.limits);
    if (!reached) return undefined;
    if (state.grace_used) return { status: 'failed', ...reached };
    state.grace_used = true;
    state.notices.push('grace');
    this.armDeadline();
    return undefined;
  }

  private async compactIfNeeded(force = false): Promise<void> {
    const { state, input } = this;
    const idleMs = state.last_call_at ? Date.now() - Date.parse(state.last_call_at) : 0;
    const cold =
      idleMs > input.limits.cache_ttl_seconds * 1000 && state.context_tokens > input.limits.idle_compact_at_tokens;
    if (!force && !cold && state.context_tokens <= input.limits.compact_at_tokens) return;
    this.board.set('running', 'making room in the context');
    const { epoch, tokens } = await work.compact({ ...this.ref, epoch: state.epoch });
    Object.assign(state, { epoch, context_tokens: tokens, compactions: state.compactions + 1, since_compaction: 0 });
  }

  /**
   * Makes room because the model says that there is none; when that was just done there is nothing left to try.
   * @param turnsBetween turns counted since the last time even when the model says so at once.
   */
  private async shorten(turnsBetween: 0 | 1): Promise<End | undefined> {
    const { state } = this;
    if (state.since_compaction <= turnsBetween && state.compactions > 0)
      return {
        status: 'failed',
        reason: 'context_too_large',
        message: 'The conversation does not fit the model even after it was shortened.',
      };
    await this.compactIfNeeded(true);
    return undefined;
  }

  private async continueAsNew(): Promise<void> {
    this.control.disarmDeadline();
    await settleHandlers();
    await this.takeIn();
    if (this.control.stop) return;
    await continueAsNew<(input: AgentInput) => Promise<RunOutcome>>({ ...this.input, state: this.state });
  }

  // ── a turn ────────────────────────────────────────────────────────────────

  private async turn(): Promise<End | undefined> {
    const { state, control, input } = this;
    this.board.set('running', `thinking (turn ${state.turn + 1})`);
    state.call_no += 1;
    control.pendingUrgency = null;
    const warm =
      state.last_call_at !== null &&
      Date.now() - Date.parse(state.last_call_at) < input.limits.cache_ttl_seconds * 1000;
    const called = await control.interruptible(() =>
      models.modelTurn({
        ...this.ref,
        turn: state.turn + 1,
        call_no: state.call_no,
        iteration: state.iteration,
        notices: state.notices,
        cached_tokens: warm ? state.context_tokens : 0,
        double_output: state.double_output,
      }),
    );
    if ('cut' in called) return undefined;
    const result = called.value;
    if (result.kind !== 'turn') return this.notAnswered(result);
    Object.assign(state, {
      turn: result.turn,
      iteration_turn: state.iteration_turn + 1,
      cost_micros: result.run_cost_micros,
      context_tokens: result.context_tokens,
      last_call_at: new Date().toISOString(),
      notices: [],
      waits: 0,
      since_compaction: state.since_compaction + 1,
    });
    return this.act(result);
  }

  /** The model gave no turn: a wait, a limit, or something only a person can mend. */
  private async notAnswered(result: Exclude<ModelTurnResult, Turn>): Promise<End | undefined> {
    const { state } = this;
    switch (result.kind) {
      case 'wait': {
        const seconds = result.seconds ?? providerWait(state.waits);
        state.waits += 1;
        await this.hold('model', result.message, { done: () => false, ms: seconds * 1000 });
        return undefined;
      }
      case 'budget': {
        if (result.scope_type === 'run')
          return { status: 'failed', reason: 'max_cost_reached', message: result.message };
        const wakes = this.control.wakes;
        await this.hold('budget', result.message, { done: () => this.control.wakes > wakes });
        return undefined;
      }
      case 'person':
        state.paused = { by: 'platform', reason: result.message };
        return undefined;
      case 'compact':
        return this.shorten(0);
      case 'fail':
        return { status: 'failed', reason: result.reason, message: result.message };
    }
  }

  private async act(result: Turn): Promise<End | undefined> {
    const { state } = this;
    const { calls, files_changed: filesChanged } = await this.makeCalls(result);
    state.double_output = false;
    const outcomes = calls.flatMap((call) => (call.outcome && !call.is_error ? [call.outcome] : []));
    await this.followDiscoveries(outcomes);
    const final = outcomes.find((outcome) => ['claimed', 'submitted', 'reviewed'].includes(outcome.kind));
    if (final) return this.iterationOver(final.kind, '', final);
    const refused = this.countRefusals(calls);
    if (refused) return refused;
    const decision = judgeTurn(state, {
      stop_reason: result.stop_reason,
      text: result.text,
      progressed: filesChanged || outcomes.length > 0,
      files_changed: filesChanged,
      calls: calls.map((call) => ({
        name: call.name,
        signature: { call: call.signature[0], result: call.signature[1], error: call.is_error },
        malformed: call.error_kind === 'bad_input',
        timed_out: call.error_kind === 'timeout',
      })),
    });
    return this.decide(decision, result);
  }

  private async decide(decision: LoopDecision, result: Turn): Promise<End | undefined> {
    const { state, input } = this;
    if (input.kind === 'task' && state.quiet_turns > 0 && state.quiet_turns % input.limits.quiet_turns === 0)
      await this.askGuardian();
    switch (decision.kind) {
      case 'go_on':
        return undefined;
      case 'nudge':
        // After a rewrite of the context a repetition means that it lost what it knew.
        if (state.compactions > 0 && state.since_compaction <= 10 && decision.notice === 'same_result') {
          state.paused = { by: 'platform', reason: 'The run repeats itself since its context was shortened.' };
        }
        state.notices.push(decision.notice);
        return undefined;
      case 'pause':
        state.paused = {
          by: 'platform',
          reason: result.message ? `${decision.message} It said: ${result.message}` : decision.message,
        };
        return undefined;
      case 'end':
        return { status: 'failed', reason: decision.reason, message: decision.message };
      case 'iteration_over':
        return this.iterationOver('stopped', 'You stopped without calling a tool.');
      case 'more_room':
        state.notices.push('more_room');
        state.double_output = true;
        return undefined;
      case 'compact':
        state.notices.push('context_full');
        return this.shorten(1);
    }
  }

  private countRefusals(calls: CallFacts[]): End | undefined | Promise<End | undefined> {
    const { streaks } = this.state;
    for (const call of calls) {
      if (!call.is_error) continue;
      if (call.name === 'complete_task' && call.error_kind === 'failed') streaks.refused_completions += 1;
      if (call.name.startsWith('submit_')) streaks.refused_submissions += 1;
    }
    if (streaks.refused_completions >= maxRefusedCompletions)
      return {
        status: 'failed',
        reason: 'completion_refused',
        message: `complete_task was refused ${streaks.refused_completions} times: the evidence does not hold.`,
      };
    if (streaks.refused_submissions >= maxSubmissions)
      return this.iterationOver('unparsable', `${streaks.refused_submissions} submissions did not fit the schema.`);
    return undefined;
  }

  /** Runs a turn's calls: neighbours that read at once, the others one by one, and none after a word that comes first. */
  private async makeCalls(result: Turn): Promise<{ calls: CallFacts[]; files_changed: boolean }> {
    const known = new Map(result.calls.map((call) => [call.position, call]));
    let filesChanged = false;
    const open = result.calls.filter((call) => !call.done);
    for (let i = 0; i < open.length;) {
      const group = [open[i] as CallFacts];
      while (group[0]?.effect === 'read' && open[i + group.length]?.effect === 'read')
        group.push(open[i + group.length] as CallFacts);
      i += group.length;
      const positions = group.map((call) => call.position);
      if (this.control.comesFirst) {
        await this.skip(result.turn, [...positions, ...open.slice(i).map((call) => call.position)]);
        break;
      }
      this.board.set('running', `${group[0]?.name} (turn ${result.turn})`);
      const last = !open.slice(i).some((call) => call.effect === 'command' || call.effect === 'write');
      const ran = await this.control.interruptible(() =>
        this.sandbox.runCalls({ ...this.ref, turn: result.turn, positions, last }),
      );
      if ('cut' in ran) {
        await this.skip(result.turn, [...positions, ...open.slice(i).map((call) => call.position)]);
        break;
      }
      filesChanged ||= ran.value.files_changed;
      for (const call of ran.value.calls) known.set(call.position, call);
      for (const call of ran.value.calls)
        if (call.outcome?.kind === 'asked' && !call.done) await this.awaitAnswer(result.turn, call);
    }
    return { calls: [...known.values()], files_changed: filesChanged };
  }

  private async skip(turn: number, positions: number[]): Promise<void> {
    await this.sandbox.skipCalls({
      ...this.ref,
      turn,
      positions,
      reason: this.control.stop ? 'the run is being stopped.' : 'a message came in first. Read it, then decide.',
    });
  }

  private async awaitAnswer(turn: number, call: CallFacts): Promise<void> {
    const at = { ...this.ref, turn, position: call.position };
    const until = Date.now() + this.input.limits.question_timeout_seconds * 1000;
    for (;;) {
      const wakes = this.control.wakes;
      const { answered } = await records.takeAnswer({ ...at, expired: Date.now() >= until || this.control.comesFirst });
      if (answered) return;
      await this.hold('person', 'The agent has asked a question.', {
        done: () => this.control.wakes > wakes,
        ms: until - Date.now(),
      });
    }
  }

  // ── what others do ────────────────────────────────────────────────────────

  /** Tells the ticket of new work; a blocking one is waited for, without a slot. */
  private async followDiscoveries(outcomes: ToolOutcome[]): Promise<void> {
    for (const outcome of outcomes) {
      if (outcome.kind !== 'discovered' || !outcome.task_id) continue;
      const id = outcome.discovery_id;
      await getExternalWorkflowHandle(workflowId.ticket(this.input.ticket_id ?? '')).signal(discoveredSignal, {
        discovery_id: id,
        task_id: outcome.task_id,
        run_id: this.input.run_id,
        source_task_id: this.input.task_id,
        blocking: outcome.blocking,
      });
      if (!outcome.blocking) continue;
      const answer = () => this.control.unblocked.find((item) => item.discovery_id === id);
      await this.hold('slot', 'Waits for the work that its discovery opened.', { done: () => answer() !== undefined });
      const end = answer();
      if (!end) return;
      await this.sandbox.mergeIntoWorkspace({
        ...this.ref,
        turn: this.state.turn,
        sha: end.sha,
        message: end.message,
        discovery_id: id,
      });
    }
  }

  private async askGuardian(): Promise<void> {
    await signalIfRunning(workflowId.guardian(this.input.project_id), nudgeSignal, { run_id: this.input.run_id });
  }

  // ── waits and iterations ──────────────────────────────────────────────────

  /**
   * Waits without costing anything: no limit's clock runs, and a long wait lets slot and sandbox go.
   * A person's word ends it too, since it may change what is waited for.
   */
  private async hold(
    waitingFor: WaitingFor,
    reason: string,
    wait: { done: () => boolean; ms?: number; paused?: boolean; notice?: string },
  ): Promise<void> {
    const { control, state, input } = this;
    const status = wait.paused ? 'paused' : 'waiting';
    const until = wait.ms === undefined ? null : new Date(Date.now() + wait.ms).toISOString();
    control.disarmDeadline();
    this.board.set(status, reason, { for: waitingFor, until });
    await records.markRun({ ...this.ref, status, waiting_for: waitingFor, reason, next_wake_at: until });
    const releaseMs = input.limits.release_after_seconds * 1000;
    const idle = waitingFor === 'slot';
    if (idle) await this.letSlotGo();
    const early = await control.waitFor(wait.done, Math.min(wait.ms ?? Infinity, releaseMs));
    if (!early && (wait.ms === undefined || wait.ms > releaseMs)) {
      await this.sandbox.releaseSandbox({ ...this.ref, reason: 'waiting', turn: state.turn });
      state.sandbox_open = false;
      if (!idle) await this.letSlotGo();
      await control.waitFor(wait.done, wait.ms === undefined ? undefined : wait.ms - releaseMs);
      await this.takeSlotBack();
    } else if (idle) {
      await this.takeSlotBack();
    }
    if (control.stop) return;
    await records.markRun({ ...this.ref, status: 'running', waiting_for: null, reason: null, next_wake_at: null });
    if (!state.sandbox_open) await this.openSandbox();
    if (wait.notice) state.notices.push(wait.notice);
    this.board.set('running', 'going on');
    this.armDeadline();
  }

  private async letSlotGo(): Promise<void> {
    if (this.input.kind !== 'task' || !this.input.task_id) return;
    this.control.slotGranted = false;
    await this.tellTask({ idle: true });
  }

  private async takeSlotBack(): Promise<void> {
    if (this.input.kind !== 'task' || !this.input.task_id || this.control.stop) return;
    if (!(await this.tellTask({ idle: false }))) return;
    this.board.set('waiting', 'Waits for a slot of the project.', { for: 'slot' });
    await this.control.waitFor(() => this.control.slotGranted);
  }

  /** A run that was forked has no task workflow to tell. */
  private async tellTask(input: { idle: boolean }): Promise<boolean> {
    const task = workflowId.task(this.input.task_id ?? '');
    return signalIfRunning(task, agentIdleSignal, { ...input, run_id: this.input.run_id });
  }

  private async iterationOver(
    cause: string,
    message: string,
    outcome: ToolOutcome | null = null,
  ): Promise<End | undefined> {
    const { state, input } = this;
    const timeOver = limitReached(state, input.limits);
    if (cause === 'timeout' && timeOver) return { status: 'failed', ...timeOver };
    this.board.set('running', `checking iteration ${state.iteration}`);
    this.control.disarmDeadline();
    const settled = await this.sandbox.settleIteration({
      ...this.ref,
      turn: state.turn,
      iteration: state.iteration,
      cause,
      message,
      last: state.iteration >= input.limits.max_iterations,
      outcome,
    });
    if (settled.verdict === 'done') return { status: 'completed', reason: settled.reason, message: settled.message };
    if (settled.verdict === 'failed') return { status: 'failed', reason: settled.reason, message: settled.message };
    if (input.limits.iteration_backoff > 0)
      await sleep(input.limits.iteration_backoff * 1000 * 2 ** (state.iteration - 1));
    const { text_only: textOnly } = state.streaks;
    Object.assign(state, {
      iteration: state.iteration + 1,
      iteration_turn: 0,
      iteration_active_ms: 0,
      signatures: [],
      quiet_turns: 0,
      streaks: { ...noStreaks, text_only: textOnly },
    });
    this.armDeadline();
    return undefined;
  }
}

export async function agentWorkflow(input: AgentInput): Promise<RunOutcome> {
  return new AgentLoop(input).run();
}
