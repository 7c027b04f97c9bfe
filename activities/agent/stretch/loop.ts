import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { DiscoveryOutcome } from '#workflows/contracts/run.ts';
import type { NoTurn, StretchEnd, StretchInput, StretchResult } from '#workflows/contracts/stretch.ts';
import { lastChange, nextGroup } from '#workflows/domain/agent/call-groups.ts';
import type { AgentState, RunKind } from '#workflows/domain/agent/run.ts';
import { afterAnswer, afterTurn, freshState, nextAsk, outcomesOf } from '#workflows/domain/agent/state.ts';
import { changesBetween, stateWith, workflowDecides } from '#workflows/domain/agent/stretch.ts';
import type { StoredLoop } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { RunNews, ToolCall } from '#prisma/store/tool-calls.ts';
import type { Permit } from '../../ports/model-permits.ts';
import type { Services } from '../../ports/services.ts';
import type { ToolBox } from '../../tools/support/tool-box.ts';
import { callFacts, someChangedFiles, withEnded, type createRunCalls } from '../run-calls.ts';
import type { AnswerFacts, createModelTurn, TakenTurn } from '../turn/index.ts';
import { kept } from '../../support/kept.ts';
import { factsOfRow, readOpenTurn, type OpenTurn } from './open-turn.ts';
import { takePermit } from './permit.ts';
import type { Reins } from './reins.ts';

export interface StretchParts {
  tools: ToolBox;
  turns: ReturnType<typeof createModelTurn>;
  calls: ReturnType<typeof createRunCalls>;
}

/** Tries of a turn whose process died under the model call, before a person is asked. */
const maxLost = 5;
/** Tries of a turn within the stretch: for money that other calls hold, and for a run that changed meanwhile. */
const maxTries = 3;

/** One try of a stretch. What it decides is stored before it is told, so that the next try decides nothing again. */
export class StretchLoop {
  private run: Run;
  private state: AgentState;
  private turn: OpenTurn | undefined;
  /** The workflow has followed the discoveries of the open turn. */
  private followed = false;
  private news: RunNews;
  private lost = 0;
  /** Of a clock that nobody sets. */
  private readonly began = performance.now();
  /** When the next turn was due. */
  private due: number;
  /** The state that the workflow knows; undefined in a try that follows a lost one. */
  private known: AgentState | undefined;

  constructor(
    private readonly services: Services,
    private readonly parts: StretchParts,
    private readonly at: {
      run: Run;
      input: StretchInput;
      reins: Reins;
      attempt: number;
      /** Milliseconds that the stretch waited for its slot. */
      queued_ms: number;
      /** The try before failed in this process, which did not die of it. */
      failedHere: boolean;
      /** Other runs may be waiting for a slot of this machine. */
      crowded: () => boolean;
    },
  ) {
    this.run = at.run;
    this.due = this.began - at.queued_ms;
    this.news = { urgent: false, called_back: at.run.called_back };
    this.state = at.run.loop?.state ?? freshState(at.run.turn);
  }

  async go(): Promise<StretchResult> {
    const { input, reins } = this.at;
    const told = await this.takeUp();
    if (told) return told;
    if (this.lost >= maxLost) return this.tell({ kind: 'unanswered', result: this.turnIsLost() });
    for (let first = true; ; first = false) {
      if (!this.turn) {
        if (reins.cutBy) return this.tell({ kind: 'cut', by: reins.cutBy });
        if (input.close || (!first && this.returnsBeforeTurn())) return this.tell({ kind: 'boundary' });
        const asked = await this.ask();
        if (asked) return this.tell(asked);
      }
      const { then, quiet } = await this.endTurn();
      if (then) return this.tell(then, quiet);
    }
  }

  /** Takes up the loop where it stands. @returns what an earlier try of the stretch returned, and nobody heard. */
  private async takeUp(): Promise<StretchResult | undefined> {
    const { input } = this.at;
    const stored = this.run.loop;
    const isRepeated = stored !== null && stored.stretch > input.since;
    if (isRepeated && stored.returned) return stored.returned;
    if (!isRepeated) {
      this.state = stateWith(this.state, input.given);
      this.known = structuredClone(this.state);
      this.followed = stored?.returned?.then.kind === 'discovered';
    }
    if (stored?.lost !== undefined) this.lost = stored.lost + (this.at.failedHere ? 0 : 1);
    if (stored?.undecided) this.turn = await readOpenTurn(this.services.store, this.run, this.state.turn);
    return undefined;
  }

  private turnIsLost(): NoTurn {
    const message = `Turn ${this.state.turn + 1} was begun ${maxLost} times, and each time the process that asked the model died before the answer. Look at the log of the application, then resume the run.`;
    return { kind: 'person', reason: 'turn_lost', message };
  }

  private get limits() {
    const { organization_id, id, limits } = this.run;
    return { now: limits, again: async () => (await this.services.store.runs.get(organization_id, id)).limits };
  }

  private get workerEnds(): boolean {
    return this.services.ending?.aborted ?? false;
  }

  private get timeIsUp(): boolean {
    return performance.now() - this.began >= this.services.config.run.stretch_seconds * 1000;
  }

  private get isCalledBack(): boolean {
    return this.news.called_back > this.at.input.since;
  }

  private returnsBeforeTurn(): boolean {
    const { attempt, crowded } = this.at;
    return (
      attempt > 1 ||
      this.timeIsUp ||
      this.workerEnds ||
      this.isCalledBack ||
      crowded() ||
      workflowDecides(this.state, this.run.limits)
    );
  }

  /** Asks the model for the next turn. @returns why there is none. */
  private async ask(): Promise<StretchEnd | undefined> {
    const { reins } = this.at;
    for (let attempt = 1; ; attempt += 1) {
      const permit = await takePermit(this.services, this.run, this.at);
      if (!permit) return reins.cutBy ? { kind: 'cut', by: reins.cutBy } : { kind: 'boundary' };
      this.say('model', attempt);
      this.state = { ...this.state, call_no: this.state.call_no + 1 };
      const before = this.state;
      const began = performance.now();
      try {
        const taken = await reins.timed(this.state, this.limits, () => this.takeTurn(attempt, permit));
        if (taken.kind !== 'turn') return { kind: 'unanswered', result: taken };
        this.lost = 0;
        this.run = taken.run;
        this.news = { urgent: false, called_back: Math.max(this.news.called_back, taken.run.called_back) };
        const { row, text, calls, repeated } = taken;
        if (repeated) this.state = this.answered(factsOfRow(row, taken.run));
        this.turn = { row, text, calls, resumed: repeated, skipped: false };
        return undefined;
      } catch (error) {
        // The answer was not stored, whatever was made of it.
        this.state = before;
        if (reins.isLeft) {
          await this.keepUnlost();
          throw reins.left();
        }
        if (reins.cutBy) {
          this.state = this.withActive(Math.round(performance.now() - began));
          return { kind: 'cut', by: reins.cutBy };
        }
        const delay = error instanceof ApplicationFailure ? error.nextRetryDelay : undefined;
        if (typeof delay !== 'number' || attempt >= maxTries) {
          await this.keepUnlost();
          throw error;
        }
        await sleep(delay, undefined, { signal: reins.signal }).catch(() => undefined);
        if (reins.isLeft) throw reins.left();
        if (reins.cutBy) return { kind: 'cut', by: reins.cutBy };
      }
    }
  }

  /** The try ends without an answer, and its process lives. Where even this cannot be stored, the process remembers it. */
  private async keepUnlost(): Promise<void> {
    await this.services.store.runs.keepLoop(this.run, this.stored()).catch(() => undefined);
  }

  private takeTurn(attempt: number, permit: Permit): Promise<TakenTurn | NoTurn> {
    const { state, run } = this;
    const taking = this.parts.turns.takeTurn(
      {
        organization_id: run.organization_id,
        run_id: run.id,
        owner: run.owner,
        ...nextAsk(state, run.limits.cache_ttl_seconds, Date.now()),
      },
      {
        signal: this.at.reins.signal,
        left: this.at.reins.leaving,
        attempt,
        due: this.due,
        permit,
        loop: { ...this.stored(), lost: this.lost },
        loopAfter: (answer) => {
          this.state = this.answered(answer);
          return { ...this.stored(), undecided: true };
        },
      },
    );
    return taking.finally(permit.give);
  }

  /** The state after an answer: the time that the model took is active time. */
  private answered({ took_ms, answered_at, ...answer }: AnswerFacts): AgentState {
    return afterAnswer(this.withActive(took_ms), answer, answered_at.toISOString());
  }

  private withActive(ms: number): AgentState {
    const { active_ms, iteration_active_ms } = this.state;
    return { ...this.state, active_ms: active_ms + ms, iteration_active_ms: iteration_active_ms + ms };
  }

  /** Makes the calls of the open turn and decides what follows it. @returns what the workflow has to do, if anything. */
  private async endTurn(): Promise<{ then?: StretchEnd; quiet?: boolean }> {
    const turn = this.turn as OpenTurn;
    const waiting = await this.makeCalls(turn);
    if (waiting) return { then: waiting };
    if (turn.resumed || turn.skipped) await this.requireCheckpoint(turn);
    const facts = turn.calls.map((call) => callFacts(call, this.effectOf(call)));
    const discoveries = outcomesOf(facts).filter(
      (outcome): outcome is DiscoveryOutcome => outcome.kind === 'discovered' && outcome.task_id !== null,
    );
    if (discoveries.length > 0 && !this.followed) return { then: { kind: 'discovered', outcomes: discoveries } };
    const { row } = turn;
    const after = afterTurn(
      this.withActive(this.activeTimeOf(turn.calls)),
      {
        stop_reason: row.stop_reason,
        text: turn.text,
        message: row.refusal ?? undefined,
        calls: facts,
        files_changed: someChangedFiles(turn.calls),
        rephrase: row.stop_reason === 'refusal',
      },
      { kind: this.run.kind as RunKind, limits: this.run.limits },
    );
    this.state = after.state;
    this.turn = undefined;
    this.due = performance.now();
    this.followed = false;
    const { cutBy } = this.at.reins;
    if (after.next.kind !== 'turn') return { then: after.next, quiet: after.quiet };
    if (cutBy) return { then: { kind: 'cut', by: cutBy }, quiet: after.quiet };
    return after.quiet ? { then: { kind: 'boundary' }, quiet: true } : {};
  }

  private effectOf(call: ToolCall): string {
    return this.parts.tools.effectOf(call.name);
  }

  /** What tools took. The time of a person, and of other runs, is not the run's. */
  private activeTimeOf(calls: ToolCall[]): number {
    const own = calls.filter((call) => !['wait', 'explore'].includes(this.effectOf(call)));
    return own.reduce((sum, call) => sum + (call.duration_ms ?? 0), 0);
  }

  /** Makes the calls of a turn that are open. @returns why some stay open. */
  private async makeCalls(turn: OpenTurn): Promise<StretchEnd | undefined> {
    const { reins, input } = this.at;
    const { calls } = this.parts;
    for (;;) {
      const open = turn.calls
        .filter((call) => call.status !== 'done')
        .map((call) => ({ call, effect: this.effectOf(call) }));
      if (open.length === 0) return undefined;
      if (reins.cutBy || input.close || this.news.urgent) return this.skip(turn);
      const group = nextGroup(open, 0);
      // What waits for a person or another run has its outcome already.
      const unmade = group.map(({ call }) => call).filter((call) => call.outcome === null);
      if (unmade.length > 0) {
        this.say(unmade.map(({ name }) => name).join(', '));
        const { services, run } = this;
        const scope = { services, tools: this.parts.tools, run, signal: reins.interrupt, left: reins.leaving };
        const last = lastChange(open.slice(group.length));
        const ran = await reins.timed(this.state, this.limits, () =>
          calls.runGroup(scope, turn.calls, { group: unmade, last, handedOver: reins.handedOver }),
        );
        turn.calls = withEnded(turn.calls, ran.calls);
        if (ran.news) this.news = ran.news;
      }
      const positions = new Set(group.map(({ call }) => call.position));
      const waiting = turn.calls.filter(({ position, status }) => positions.has(position) && status !== 'done');
      if (waiting.length > 0) return this.waitingFor(turn, waiting);
      if (open.length > group.length && this.returnsBetweenCalls()) return { kind: 'boundary', open: true };
    }
  }

  private returnsBetweenCalls(): boolean {
    if (this.news.urgent) return false;
    return this.workerEnds || this.isCalledBack || (this.services.config.run.stretch_seconds > 0 && this.timeIsUp);
  }

  private async skip(turn: OpenTurn): Promise<undefined> {
    const open = turn.calls.filter((call) => call.status !== 'done');
    const reason =
      this.at.input.close === 'stop'
        ? 'the run is being stopped.'
        : this.at.reins.cutBy && this.at.reins.cutBy !== 'message'
          ? 'the time was up.'
          : 'a message came in first. Read it, then decide.';
    // The store knows which of them run: a try that died under a command left its copy behind.
    const fresh = await this.services.store.toolCalls.ofTurn(this.run.id, turn.row.turn);
    const skipped = await this.parts.calls.skip(this.run, withEnded(open, fresh), reason);
    turn.calls = withEnded(turn.calls, skipped);
    turn.skipped = true;
    return undefined;
  }

  private waitingFor(turn: OpenTurn, waiting: ToolCall[]): StretchEnd {
    const kind = waiting[0]?.outcome?.kind === 'exploring' ? 'exploring' : 'asked';
    return { kind, turn: turn.row.turn, calls: waiting.map(({ position, outcome }) => ({ position, outcome })) };
  }

  /** A turn of which calls were skipped, or made by an earlier try, may lack its checkpoint. */
  private async requireCheckpoint(turn: OpenTurn): Promise<void> {
    if (this.run.mode !== 'implementation' && this.run.mode !== 'merge') return;
    const { organization_id, id, owner } = this.run;
    const run = { ...(await this.services.store.runs.get(organization_id, id)), owner };
    await this.parts.calls.requireCheckpoint(run, turn.row.turn, turn.calls);
  }

  /** Shows the step under way to whoever looks at the activity. */
  private say(step: string, attempt = 1): void {
    const turn = this.turn?.row.turn ?? this.state.turn + 1;
    this.at.reins.say({ run_id: this.run.id, turn, step, ...(attempt > 1 ? { try: attempt } : {}) });
  }

  private stored(): StoredLoop {
    return { stretch: this.at.input.number, state: this.state };
  }

  /** Stores what the stretch returns, then returns it. */
  private async tell(then: StretchEnd, quiet = false): Promise<StretchResult> {
    const { signatures: _signatures, ...all } = this.state;
    const changes = this.known ? changesBetween(this.known, this.state) : all;
    const result: StretchResult = { changes, then, ...(quiet ? { quiet } : {}) };
    const open = this.turn ? { undecided: true as const } : {};
    const loop = { ...this.stored(), ...open, returned: result };
    await kept(() => this.services.store.runs.keepLoop(this.run, loop), this.at.reins.leaving);
    return result;
  }
}
