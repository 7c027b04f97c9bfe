import { patched } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import type { WaitingFor } from '../contracts/progress.ts';
import { heldSignal } from '../contracts/spec.ts';
import { timeLeft, type LimitReached } from '../domain/agent/limits.ts';
import { setupFailed } from '../domain/agent/notices.ts';
import { agentIdleSignal, releaseSignal } from '../contracts/work.ts';
import { records } from '../support/activities.ts';
import { signalIfRunning } from '../support/handlers.ts';
import type { AgentRun } from './run.ts';

export interface Wait {
  /** Ends the wait. */
  done: () => boolean;
  /** Ends the wait after so many milliseconds; absent: never. */
  ms?: number;
  /** Shown as paused instead of waiting. */
  paused?: boolean;
  /** Code of a notice for the next user message. */
  notice?: string;
}

/** The sandbox, the clock and the slot of a run, and the waits during which it lets them go. */
export class AgentWaits {
  constructor(private readonly run: AgentRun) {
    run.control.rearm = () => {
      run.control.countTime();
      this.armDeadline();
    };
  }

  async openSandbox(): Promise<void> {
    const { progress, sandbox: activities, ref, state, input } = this.run;
    progress.set('running', 'opening its sandbox');
    const { sandbox, spec_paused: specPaused, setup_failed: failed } = await activities.openRun(ref);
    const begun = state.turn > (input.start_turn ?? 0);
    if (begun && sandbox !== 'running') state.notices.push('sandbox_revived');
    if (failed) state.notices.push(setupFailed(failed));
    state.sandbox_open = true;
    if (!begun && specPaused && input.spec_id) await this.pauseWithSpec(input.spec_id);
  }

  /** The run started while its spec was paused: the spec resumes it with the others. */
  private async pauseWithSpec(specId: string): Promise<void> {
    const { state, input } = this.run;
    state.paused ??= { by: 'spec', reason: 'The spec is paused.' };
    const reached = await signalIfRunning(workflowId.spec(specId), heldSignal, { run_id: input.run_id });
    if (!reached && state.paused?.by === 'spec') state.paused = null;
  }

  armDeadline(): void {
    const { state, control, input, inStretches } = this.run;
    if (inStretches && !input.elsewhere) {
      control.expired = undefined;
      return;
    }
    const { ms, of } = timeLeft(state, input.limits);
    control.armDeadline(ms, of);
  }

  /**
   * Waits without costing anything: no limit's clock runs, and a long wait lets slot and sandbox go. A wait for a slot
   * or for money lets the slot go at once: other work has money.
   * A person's message ends it too, since it may change the reason of the wait.
   */
  async waitFor(waitingFor: WaitingFor, reason: string, wait: Wait): Promise<void> {
    const { control, state, input, progress, ref, sandbox } = this.run;
    const status = wait.paused ? 'paused' : 'waiting';
    const until = wait.ms === undefined ? null : new Date(Date.now() + wait.ms).toISOString();
    control.disarmDeadline();
    progress.set(status, reason, { for: waitingFor, until });
    await records.markRun({ ...ref, status, waiting_for: waitingFor, reason, next_wake_at: until });
    const releaseMs = input.limits.release_after_seconds * 1000;
    const idle = waitingFor === 'slot' || (waitingFor === 'budget' && patched('budget-frees-slot'));
    if (idle) await this.letSlotGo();
    const early = await control.waitFor(wait.done, Math.min(wait.ms ?? Infinity, releaseMs));
    if (!early && (wait.ms === undefined || wait.ms > releaseMs)) {
      await sandbox.releaseSandbox({ ...ref, reason: 'waiting', turn: state.turn });
      state.sandbox_open = false;
      if (!idle) await this.letSlotGo();
      await control.waitFor(wait.done, wait.ms === undefined ? undefined : wait.ms - releaseMs);
      await this.takeSlotBack();
    } else if (idle) {
      await this.takeSlotBack();
    }
    if (control.stop) return;
    await records.markRun({ ...ref, status: 'running', waiting_for: null, reason: null, next_wake_at: null });
    if (!state.sandbox_open) await this.openSandbox();
    if (wait.notice) state.notices.push(wait.notice);
    progress.set('running', 'continuing');
    this.armDeadline();
  }

  /** Waits at a limit until a person raises it. */
  async untilRaised({ message }: LimitReached): Promise<void> {
    const { control } = this.run;
    const remedy = 'Raise it on the page of the run or with omoios run raise, and it continues there; or stop it.';
    await this.waitFor('person', `${message} ${remedy}`, { done: () => control.limitsRaised });
  }

  private get hasSlot(): boolean {
    const { kind, task_id: taskId, own_slot: ownSlot } = this.run.input;
    if (ownSlot === true) return true;
    if (taskId === null) return false;
    // The review of a task works in the slot of the task.
    return kind === 'task' || (kind === 'validation' && patched('budget-frees-slot'));
  }

  /** Waits for the first slot of a run that takes its own. */
  async takeOwnSlot(): Promise<void> {
    const { input, ref, control } = this.run;
    if (!input.own_slot || control.stop) return;
    const reason = 'waiting for a slot of the project';
    await records.markRun({ ...ref, status: 'waiting', waiting_for: 'slot', reason, next_wake_at: null });
    await this.takeSlotBack();
  }

  /** Releases the slot of a run that takes its own, or withdraws its request for one. */
  async releaseOwnSlot(): Promise<void> {
    const { input } = this.run;
    if (!input.own_slot) return;
    await signalIfRunning(workflowId.projectQueue(input.project_id), releaseSignal, { task_id: input.run_id });
  }

  private async letSlotGo(): Promise<void> {
    if (!this.hasSlot) return;
    this.run.control.slotGranted = false;
    if (this.run.input.own_slot) await this.releaseOwnSlot();
    else await this.notifyTask(true);
  }

  private async takeSlotBack(): Promise<void> {
    const { progress, control } = this.run;
    if (!this.hasSlot || control.stop) return;
    if (!(await this.requestSlot())) return;
    progress.set('waiting', 'waiting for a slot of the project', { for: 'slot' });
    await control.waitFor(() => control.slotGranted);
  }

  /** @returns false when nobody can grant a slot: no task's workflow waits for the run. */
  private async requestSlot(): Promise<boolean> {
    const { input, ref } = this.run;
    if (!input.own_slot) return this.notifyTask(false);
    await records.requestRunSlot({ ...ref, project_id: input.project_id });
    return true;
  }

  private notifyTask(idle: boolean): Promise<boolean> {
    const { input } = this.run;
    return signalIfRunning(workflowId.task(input.task_id ?? ''), agentIdleSignal, { idle, run_id: input.run_id });
  }
}
