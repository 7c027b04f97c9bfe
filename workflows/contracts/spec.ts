import { z } from 'zod';
import type { GatePolicy } from '../domain/phases/gate-policy.ts';
import { signal, update } from './message.ts';

export interface SpecInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  /**
   * The phases to run, in order. They are workflow input, so that a list in a later version does not change a running
   * spec. `compact`: one session makes the outputs of all of them; absent: each phase has a session of its own.
   */
  plan: { version: number; phases: string[]; compact?: true };
  gate_policy: GatePolicy;
  /**
   * For a failed spec that is resumed: the index of the phase to resume from, the number of starts of each phase, and
   * feedback for the repeated phase.
   */
  again?: { from: number; chains: Record<string, number>; feedback: string | null };
}

export interface PhaseInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  phase: string;
  /** Number of starts of the phase, from 1. */
  chain: number;
  feedback: string | null;
  /** Of a compact plan: the first phase whose output is made; it is made again where it has passed. */
  from?: string;
}

export interface PhaseResult {
  passed: boolean;
  score: number | null;
  attempt: number;
  message: string;
  /** Why the last session ended; absent in histories of earlier versions. */
  reason?: string;
  /** Of a compact plan: the result of each phase. */
  sections?: { phase: string; score: number | null; attempt: number }[];
}

const actor = z.string().max(200).optional();
const gate = z.strictObject({
  phase: z.string(),
  actor,
  feedback: z.string().max(20_000).optional(),
  reason: z.string().max(20_000).optional(),
});
const changes = z.strictObject({
  phase: z.string(),
  actor,
  feedback: z.string().trim().min(1).max(20_000),
});
const command = z.strictObject({ reason: z.string().max(2000).optional(), actor });
const decided = z.object({ status: z.string() });
const specState = z.object({ state: z.string() });

/** Opens the gate of a phase. Refused when no gate waits for that phase. */
export const approveUpdate = update('approve', gate, decided);
/** Sends a phase at its gate back to its agent with feedback. */
export const requestChangesUpdate = update('requestChanges', changes, decided);
/** Rejects the result of a phase at its gate. */
export const rejectUpdate = update('reject', gate, decided);
/** Repeats a phase at its gate. */
export const regenerateUpdate = update('regenerate', gate, decided);
/** Answers open questions of the plan in one call. Refused once the design has started, and for an unknown question. */
export const answerQuestionsUpdate = update(
  'answerQuestions',
  z.strictObject({
    answers: z
      .array(z.strictObject({ question: z.string().min(1).max(20_000), answer: z.string().trim().min(1).max(20_000) }))
      .min(1)
      .max(100),
    actor,
  }),
  z.object({ answered: z.number() }),
);
/** Pauses the spec and its agents. @returns the new state. */
export const pauseSpecUpdate = update('pause', command, specState);
/** Resumes a paused spec and the runs that it holds. @returns the new state. */
export const resumeSpecUpdate = update('resume', command, specState);
/** Cancels the spec and its children. @returns the new state. */
export const cancelSpecUpdate = update('cancel', command, specState);
/** Retries the failed step of a spec that waits for a person. @returns the new state. */
export const retrySpecUpdate = update('retry', z.unknown(), specState);
/** Opens the pull request of a spec whose work is not complete. A repeated one answers the same pull request. */
export const openEarlyUpdate = update(
  'openPullRequest',
  z.strictObject({ actor }),
  z.object({ pull_request_id: z.string(), number: z.number(), url: z.string() }),
);
/** From a spec to its phase: the reason why its agent pauses, or null when it continues. */
export const holdSignal = signal('hold', z.strictObject({ reason: z.string().nullable() }));
/** A run of one of the spec's tickets started while the spec was paused. The run waits until the spec resumes it. */
export const heldSignal = signal('held', z.strictObject({ run_id: z.string() }));
