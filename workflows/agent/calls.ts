import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { CallFacts } from '#activities/agent/run-calls.ts';
import { workflowId } from '../contracts/ids.ts';
import type { DiscoveryOutcome, ToolOutcome } from '../contracts/run.ts';
import type { OpenCall } from '../contracts/stretch.ts';
import { discoveredSignal } from '../contracts/work.ts';
import { lastChange, nextGroup } from '../domain/agent/call-groups.ts';
import { records, work } from '../support/activities.ts';
import { runAgent } from '../support/agent-child.ts';
import type { AgentRun, AnsweredTurn } from './run.ts';
import type { AgentWaits } from './waits.ts';

/** The tool calls of a turn, and the waits that they ask for. */
export class AgentCalls {
  constructor(
    private readonly run: AgentRun,
    private readonly waits: AgentWaits,
  ) {}

  /** Runs a turn's calls: neighbours that read at once, the others one by one, and none after an urgent message. */
  async make(result: AnsweredTurn): Promise<{ calls: CallFacts[]; files_changed: boolean }> {
    const { control, progress, sandbox, ref } = this.run;
    const known = new Map(result.calls.map((call) => [call.position, call]));
    let filesChanged = false;
    const open = result.calls.filter((call) => !call.done);
    for (let i = 0; i < open.length;) {
      const group = nextGroup(open, i);
      i += group.length;
      const positions = group.map((call) => call.position);
      if (control.comesFirst) {
        await this.skip(result.turn, [...positions, ...open.slice(i).map((call) => call.position)]);
        break;
      }
      progress.set('running', `${group[0]?.name} (turn ${result.turn})`);
      const last = lastChange(open.slice(i));
      const ran = await control.interruptible(() => sandbox.runCalls({ ...ref, turn: result.turn, positions, last }));
      if ('cut' in ran) {
        await this.skip(result.turn, [...positions, ...open.slice(i).map((call) => call.position)]);
        break;
      }
      filesChanged ||= ran.value.files_changed;
      for (const call of ran.value.calls) known.set(call.position, call);
      for (const call of ran.value.calls)
        if (call.outcome?.kind === 'asked' && !call.done) await this.awaitAnswer(result.turn, call);
      const explorations = ran.value.calls.filter((call) => call.outcome?.kind === 'exploring' && !call.done);
      if (explorations.length > 0 && !(await this.explore(result.turn, explorations))) {
        await this.skip(result.turn, [...positions, ...open.slice(i).map((call) => call.position)]);
        break;
      }
    }
    return { calls: [...known.values()], files_changed: filesChanged };
  }

  private async skip(turn: number, positions: number[]): Promise<void> {
    const { sandbox, ref, control } = this.run;
    await sandbox.skipCalls({
      ...ref,
      turn,
      positions,
      reason: control.stop ? 'the run is being stopped.' : 'a message came in first. Read it, then decide.',
    });
  }

  /** Lets other runs answer questions about the code. @returns false when a message or a stop came first. */
  async explore(turn: number, calls: OpenCall[]): Promise<boolean> {
    const { control, progress } = this.run;
    const runs = calls.flatMap(({ outcome }) => (outcome?.kind === 'exploring' ? [outcome.run_id] : []));
    progress.set('running', `waiting for the answer of run ${runs.join(', ')}`);
    // Their time is theirs: each has its own limit.
    control.disarmDeadline();
    const answered = await control.interruptible(
      () => Promise.all(calls.map((call) => this.exploration(turn, call.position))),
      { counts: false },
    );
    if (!control.stop) this.waits.armDeadline();
    return 'value' in answered;
  }

  private async exploration(turn: number, position: number): Promise<void> {
    const { ref, input } = this.run;
    const at = { ...ref, turn, position };
    const prepared = await work.prepareExploration(at);
    await runAgent(input, prepared, 'explore', { task: input.task_id ?? undefined });
    await records.takeExploration({ ...at, exploration_id: prepared.run_id });
  }

  async awaitAnswer(turn: number, call: Pick<OpenCall, 'position'>): Promise<void> {
    const { control, ref, input } = this.run;
    const at = { ...ref, turn, position: call.position };
    const until = Date.now() + input.limits.question_timeout_seconds * 1000;
    for (;;) {
      const wakes = control.wakes;
      const { answered } = await records.takeAnswer({ ...at, expired: Date.now() >= until || control.comesFirst });
      if (answered) return;
      await this.waits.waitFor('person', 'The agent has asked a question.', {
        done: () => control.wakes > wakes,
        ms: until - Date.now(),
      });
    }
  }

  /** Notifies the ticket of new work; a blocking one is waited for, without a slot. */
  async followDiscoveries(outcomes: ToolOutcome[]): Promise<void> {
    const { input } = this.run;
    for (const outcome of outcomes) {
      if (outcome.kind !== 'discovered' || !outcome.task_id) continue;
      await getExternalWorkflowHandle(workflowId.ticket(input.ticket_id ?? '')).signal(discoveredSignal, {
        discovery_id: outcome.discovery_id,
        task_id: outcome.task_id,
        run_id: input.run_id,
        source_task_id: input.task_id,
        blocking: outcome.blocking,
      });
      if (outcome.blocking && !(await this.awaitDiscovery(outcome))) return;
    }
  }

  /** @returns false when the run was stopped meanwhile. */
  private async awaitDiscovery(discovery: DiscoveryOutcome): Promise<boolean> {
    const { control, sandbox, ref, state } = this.run;
    const answer = () => control.unblocked.find((item) => item.discovery_id === discovery.discovery_id);
    await this.waits.waitFor('slot', 'Waits for the work that its discovery opened.', {
      done: () => answer() !== undefined,
    });
    const end = answer();
    if (!end) return false;
    await sandbox.mergeIntoWorkspace({
      ...ref,
      turn: state.turn,
      sha: end.sha,
      message: end.message,
      discovery_id: discovery.discovery_id,
    });
    return true;
  }
}
