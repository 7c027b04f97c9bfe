import { condition } from '@temporalio/workflow';
import type { z } from 'zod';
import type { Update } from '../contracts/message.ts';
import {
  approveUpdate,
  regenerateUpdate,
  rejectUpdate,
  requestChangesUpdate,
  type PhaseResult,
} from '../contracts/spec.ts';
import { needsPerson } from '../domain/phases/gate-policy.ts';
import { records } from '../support/activities.ts';
import { handleUpdate, refuse } from '../support/handlers.ts';
import type { SpecRun } from './run.ts';

type Decision =
  { action: 'approved' } | { action: 'changes_requested' | 'regenerated' | 'rejected'; feedback?: string };

type GateSchema = z.ZodType<{ phase: string; actor?: string }>;

/** The outcome of a phase at its gate: the next phase, the same one again, or the end. */
export type GateOutcome = { next: 'on' | 'rejected' } | { next: 'again'; feedback?: string };

/** The gates between a spec's phases, and the updates that decide them. */
export class SpecGates {
  /** The phase whose gate waits. */
  private waiting: string | undefined;
  private decision: (Decision & { by: string }) | undefined;

  constructor(private readonly spec: SpecRun) {}

  handleUpdates(): void {
    this.handleDecision(approveUpdate, 'approved', () => ({ action: 'approved' }));
    this.handleDecision(requestChangesUpdate, 'changes_requested', ({ feedback }) => ({
      action: 'changes_requested',
      feedback,
    }));
    this.handleDecision(rejectUpdate, 'rejected', ({ feedback, reason }) => ({
      action: 'rejected',
      feedback: feedback ?? reason,
    }));
    this.handleDecision(regenerateUpdate, 'regenerating', ({ feedback }) => ({ action: 'regenerated', feedback }));
  }

  /** An update that decides the gate that waits; any other is refused. */
  private handleDecision<S extends GateSchema>(
    update: Update<S, typeof approveUpdate.answer>,
    status: string,
    decisionOf: (input: z.output<S>) => Decision,
  ): void {
    handleUpdate(update, {
      check: ({ phase }) => {
        if (this.waiting !== phase)
          throw refuse(
            this.waiting
              ? `The phase at its gate is ${this.waiting}, not ${phase}.`
              : `No phase waits at its gate; ${phase} does not.`,
          );
        if (this.decision) throw refuse('The gate was decided a moment ago.');
      },
      apply: (input) => {
        this.decision = { ...decisionOf(input), by: input.actor ?? 'operator' };
        return { status };
      },
    });
  }

  /** Waits for a decision where the policy asks for one. */
  async pass(phase: string, result: Pick<PhaseResult, 'score' | 'attempt'>): Promise<GateOutcome> {
    const { ref, progress, input } = this.spec;
    if (!needsPerson(input.gate_policy, phase, result.score)) return { next: 'on' };
    this.waiting = phase;
    await records.markSpec({
      ...ref,
      status: 'waiting',
      waiting_for: 'gate',
      phase,
      event: 'spec.gate_waiting',
      data: { score: result.score, attempt: result.attempt },
    });
    const timeout = input.gate_policy.timeout_seconds;
    progress.set('waiting', `${phase} waits for approval`, {
      for: 'gate',
      until: timeout ? new Date(Date.now() + timeout * 1000).toISOString() : null,
    });
    const decided = () => this.decision !== undefined;
    if (timeout) await condition(decided, timeout * 1000);
    else await condition(decided);
    const decision = this.decision ?? { action: 'expired' as const, by: 'nobody' };
    this.waiting = undefined;
    this.decision = undefined;
    const feedback = 'feedback' in decision ? decision.feedback : undefined;
    await records.decideGate({ ...ref, phase, action: decision.action, by: decision.by, feedback });
    await records.markSpec({ ...ref, status: 'executing', waiting_for: null });
    if (decision.action === 'approved') return { next: 'on' };
    return decision.action === 'changes_requested' || decision.action === 'regenerated'
      ? { next: 'again', feedback }
      : { next: 'rejected' };
  }
}
