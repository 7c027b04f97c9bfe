import type { NoTurn, StretchEnd, StretchInput, StretchResult } from '#workflows/contracts/stretch.ts';
import type { AgentState } from '#workflows/domain/agent/run.ts';
import { freshState } from '#workflows/domain/agent/state.ts';
import { changesBetween, stateWith, workflowDecides, type ProgramState } from '#workflows/domain/agent/stretch.ts';
import type { StoredLoop } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { CommandState } from '../../ports/sandbox.ts';
import type { Services } from '../../ports/services.ts';
import { kept } from '../../support/kept.ts';
import { keepCheckpoint } from '../checkpoint.ts';
import { isLost } from '../sandbox.ts';
import { platformAccess } from '../sandbox-key.ts';
import { ensureSetUp } from '../set-up-sandbox.ts';
import type { Reins } from '../stretch/reins.ts';
import { programEnd, type ProgramEnd } from './end.ts';
import { programJob, startProgram } from './order.ts';
import { refusalNow } from './refusal.ts';

/** Programs in a row that may end without a turn, before a person is asked. */
const maxLost = 5;
/** Milliseconds between two looks at the program and its run. */
const lookEveryMs = 1000;
/** Milliseconds that a program has beside the longest command to come to a boundary when it is to return. */
const returnsWithinMs = 60_000;

/** Statuses of errors that pass by themselves. */
const passes = (status: number | null) => status === null || status === 429 || status >= 500;

/**
 * One try of a stretch of a run that a program in its sandbox carries on. The program works on between two stretches, and
 * the next one finds it by its number. Its turns are in the ledger already: the gateway stores each with its cost.
 */
export class ProgramStretch {
  private run: Run;
  private state: AgentState;
  private program: ProgramState;
  private known: AgentState | undefined;
  private lost: number;
  private readonly began = performance.now();
  private countedTo = performance.now();
  private calledBack: number;
  private returnBy: number | undefined;
  private startedHere = false;
  /** The newest turn whose files are kept. */
  private keptFor = -1;

  constructor(
    private readonly services: Services,
    private readonly at: { run: Run; input: StretchInput; reins: Reins; crowded: () => boolean },
  ) {
    const { run } = at;
    this.run = run;
    this.state = run.loop?.state ?? freshState(run.turn);
    this.program = run.loop?.program ?? { number: 0, over: true };
    this.lost = run.loop?.lost ?? 0;
    this.calledBack = run.called_back;
  }

  async go(): Promise<StretchResult> {
    const { input, reins } = this.at;
    const stored = this.run.loop;
    if (stored && stored.stretch > input.since) {
      if (stored.returned) return stored.returned;
    } else {
      this.state = stateWith(this.state, input.given);
      this.known = structuredClone(this.state);
    }
    if (input.close) {
      await this.endProgram();
      return this.tell({ kind: 'boundary' });
    }
    const { organization_id, id, limits } = this.run;
    const again = async () => (await this.services.store.runs.get(organization_id, id)).limits;
    const then = await reins.timed(this.state, { now: limits, again }, () => this.carryOn());
    return this.tell(then);
  }

  private async carryOn(): Promise<StretchEnd> {
    const { reins } = this.at;
    // News for the agent comes with the start of a program.
    if (!this.program.over && this.state.notices.length > 0) await this.askToReturn();
    for (;;) {
      if (reins.isLeft) throw reins.left();
      if (reins.cutBy) {
        await this.endProgram();
        return { kind: 'cut', by: reins.cutBy };
      }
      try {
        const then = this.program.over ? await this.start() : await this.look();
        if (then) return then;
      } catch (error) {
        if (!isLost(error)) throw error;
        // Made again from the newest checkpoint, with the newest stored session.
        await this.ensureSandbox();
        await this.over({ lost: true });
      }
    }
  }

  /** Starts the next program. @returns why there is none. */
  private async start(): Promise<StretchEnd | undefined> {
    const { services } = this;
    const { sandbox } = services;
    // The workflow has decided about the first one of a stretch already.
    if (this.isCalledBack || (this.startedHere && this.decides)) return { kind: 'boundary' };
    this.startedHere = true;
    this.at.reins.say({ run_id: this.run.id, turn: this.state.turn + 1, step: 'starting the Claude Agent SDK' });
    if (!(await sandbox.isSettled(this.run.sandbox_id))) await this.ensureSandbox();
    if (this.lost >= maxLost) return this.unanswered(this.endedTooOften());
    const refused = await refusalNow(services, this.run, this.state.ask_anyway ?? false);
    if (refused) return this.unanswered(refused);
    const access = await platformAccess(services, this.run, { always: true });
    if (!access) return this.unanswered(noAccess);
    this.program = { number: this.program.number + 1 };
    await this.keep();
    await this.refresh();
    await startProgram(services, this.run, { number: this.program.number, notices: this.state.notices, access });
    this.countedTo = performance.now();
    return undefined;
  }

  /** Makes a lost sandbox again, with what the agent has to know of it. */
  private async ensureSandbox(): Promise<void> {
    const ensured = await ensureSetUp(this.services, this.run);
    if (ensured !== 'running' && this.state.turn > 0 && !this.state.notices.includes('sandbox_revived'))
      this.state.notices = [...this.state.notices, 'sandbox_revived'];
  }

  /** Looks at the program once, for a second at most. @returns why the stretch ends. */
  private async look(): Promise<StretchEnd | undefined> {
    const { reins, crowded } = this.at;
    const job = programJob(this.run, this.program.number);
    const state = await this.waitFor(job);
    this.count();
    const moved = await this.takeTurns();
    reins.say({ run_id: this.run.id, turn: this.state.turn + 1, step: 'the Claude Agent SDK works in the sandbox' });
    if (reins.isLeft || reins.cutBy) return undefined;
    if (state.state !== 'running')
      return this.takeEnd(await programEnd(this.services.sandbox, this.run.sandbox_id, job, state));
    // The next worker finds it at work.
    if (this.services.ending?.aborted) return { kind: 'boundary' };
    if (this.decides) await this.askToReturn();
    if (this.returnBy !== undefined) {
      if (performance.now() < this.returnBy) return undefined;
      await this.endProgram();
      return { kind: 'boundary' };
    }
    return moved && (this.timeIsUp || crowded()) ? { kind: 'boundary' } : undefined;
  }

  private async waitFor(job: string): Promise<CommandState> {
    const { reins } = this.at;
    try {
      return await this.services.sandbox.waitCommand(this.run.sandbox_id, job, {
        timeoutMs: lookEveryMs,
        signal: reins.signal,
      });
    } catch (error) {
      if (reins.signal.aborted && !isLost(error)) return { state: 'running' };
      throw error;
    }
  }

  /** Takes in the turns that the gateway has stored since the last look. @returns whether there are any. */
  private async takeTurns(): Promise<boolean> {
    const pulse = await this.services.store.programTurns.pulse(this.run);
    this.calledBack = Math.max(this.calledBack, pulse.called_back);
    const more = pulse.turn - this.state.turn;
    this.state = { ...this.state, turn: pulse.turn, cost_micros: pulse.cost_micros };
    if (more <= 0) {
      if (pulse.asks && this.keptFor < pulse.turn) await this.keepFiles();
      return false;
    }
    this.lost = 0;
    Object.assign(this.state, {
      iteration_turn: this.state.iteration_turn + more,
      last_call_at: new Date().toISOString(),
      notices: [],
      waits: 0,
      ask_anyway: false,
    });
    await this.keep();
    // Its calls may still run: their files are kept when the next request is under way, or the program has ended.
    if (pulse.asks) await this.keepFiles();
    return true;
  }

  private async keepFiles(): Promise<void> {
    if (this.state.turn === 0) return;
    await this.refresh();
    await keepCheckpoint(this.services, this.run, this.state.turn);
    this.keptFor = this.state.turn;
  }

  private async takeEnd(end: ProgramEnd): Promise<StretchEnd | undefined> {
    await this.keepFiles();
    await this.services.store.programTurns.closeProgramCalls(
      this.run,
      'Its result is not on record: the program in the sandbox ended.',
    );
    const asked = this.returnBy !== undefined || this.program.returns === true;
    this.returnBy = undefined;
    await this.over({ lost: end.end === 'killed' && !asked });
    switch (end.end) {
      case 'no_sdk':
        return this.unanswered(noSdk(end.message));
      case 'killed':
        return asked ? { kind: 'boundary' } : undefined;
      case 'stopped':
        return end.returned
          ? { kind: 'boundary' }
          : { kind: 'close', cause: 'stopped', message: 'You ended your turn without complete_task.' };
      case 'error':
        return end.returned ? { kind: 'boundary' } : this.takeError(end);
    }
  }

  /** A request ended the program: for a reason of the platform's own, or of the provider. */
  private async takeError({
    status,
    message,
  }: {
    status: number | null;
    message: string;
  }): Promise<StretchEnd | undefined> {
    if (this.decides) return { kind: 'boundary' };
    const refused = await refusalNow(this.services, this.run, false);
    if (refused) return this.unanswered(refused);
    if (passes(status)) return this.unanswered({ kind: 'wait', seconds: null, message });
    // What the platform refused a moment ago, it may allow now: a pause that has ended, a limit that was raised.
    this.lost += 1;
    await this.keep();
    return undefined;
  }

  private async over({ lost }: { lost: boolean }): Promise<void> {
    this.program = { number: this.program.number, over: true };
    if (lost) this.lost += 1;
    await this.keep();
  }

  private async askToReturn(): Promise<void> {
    if (this.returnBy !== undefined) return;
    this.returnBy = performance.now() + this.services.config.tools.command_max_timeout * 1000 + returnsWithinMs;
    this.program = { ...this.program, returns: true };
    await this.keep();
  }

  /** Ends the program under way. What its turn has not said yet is lost, and asked again. */
  private async endProgram(): Promise<void> {
    if (this.program.over) return;
    const { sandbox, store } = this.services;
    try {
      await sandbox.killCommand(this.run.sandbox_id, programJob(this.run, this.program.number));
      await this.takeTurns();
      await this.keepFiles();
    } catch (error) {
      if (!isLost(error)) throw error;
    }
    await store.programTurns.closeProgramCalls(
      this.run,
      'Stopped before its end was seen. Its effects until then remain.',
    );
    await this.over({ lost: false });
  }

  private get timeIsUp(): boolean {
    return performance.now() - this.began >= this.services.config.run.stretch_seconds * 1000;
  }

  private get isCalledBack(): boolean {
    return this.calledBack > this.at.input.since;
  }

  private get decides(): boolean {
    return this.isCalledBack || workflowDecides(this.state, this.run.limits);
  }

  private count(): void {
    const now = performance.now();
    const ms = Math.round(now - this.countedTo);
    this.countedTo = now;
    const { active_ms, iteration_active_ms } = this.state;
    this.state = { ...this.state, active_ms: active_ms + ms, iteration_active_ms: iteration_active_ms + ms };
  }

  private async refresh(): Promise<void> {
    const { organization_id, id, owner } = this.run;
    this.run = { ...(await this.services.store.runs.get(organization_id, id)), owner };
  }

  private unanswered = (result: NoTurn): StretchEnd => ({ kind: 'unanswered', result });

  private endedTooOften(): NoTurn {
    this.lost = 0;
    return {
      kind: 'person',
      reason: 'turn_lost',
      message: `The Claude Agent SDK ended ${maxLost} times in the sandbox before a turn. Look at the run's newest events, then resume the run.`,
    };
  }

  private stored(): StoredLoop {
    return { stretch: this.at.input.number, state: this.state, program: this.program, lost: this.lost };
  }

  private keep(): Promise<void> {
    return this.services.store.runs.keepLoop(this.run, this.stored());
  }

  private async tell(then: StretchEnd): Promise<StretchResult> {
    const { signatures: _signatures, ...all } = this.state;
    const result: StretchResult = { changes: this.known ? changesBetween(this.known, this.state) : all, then };
    const loop = { ...this.stored(), returned: result };
    await kept(() => this.services.store.runs.keepLoop(this.run, loop), this.at.reins.leaving);
    return result;
  }
}

const noAccess: NoTurn = {
  kind: 'person',
  reason: 'no_platform',
  message:
    'The Claude Agent SDK asks its model through the platform, which the commands of this sandbox do not reach. Set sandbox.api_url to an address that sandboxes reach, and isolate commands (bubblewrap), or set RUNNER to loop and retry the task. Then resume the run.',
};

const noSdk = (message: string): NoTurn => ({
  kind: 'person',
  reason: 'no_sdk',
  message: `The sandbox has no Claude Agent SDK: ${message.split('\n')[0]} Install it where sandboxes see it (npm install -g @anthropic-ai/claude-agent-sdk zod in the image of the worker or sandbox, or name its node_modules in run.sdk_folder), then resume the run; or set RUNNER to loop and retry the task.`,
});
