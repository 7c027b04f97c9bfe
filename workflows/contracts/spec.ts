import { z } from 'zod';
import type { GatePolicy } from '../domain/phases/gate-policy.ts';
import { signal, update } from './message.ts';

export interface SpecInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  /** The phases to run, in order; workflow input, so that a later version's list changes no running spec. */
  plan: { version: number; phases: string[] };
  gate_policy: GatePolicy;
  /**
   * For a spec that failed and is resumed: the index of the phase to resume from, how often each phase was started,
   * and feedback for the phase that is repeated.
   */
  again?: { from: number; chains: Record<string, number>; feedback: string | null };
}

export interface PhaseInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  phase: string;
  /** How often the phase was started, from 1. */
  chain: number;
  feedback: string | null;
}

export interface PhaseResult {
  passed: boolean;
  score: number | null;
  attempt: number;
  message: string;
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

export const approveUpdate = update('approve', gate, decided);
export const requestChangesUpdate = update('requestChanges', changes, decided);
export const rejectUpdate = update('reject', gate, decided);
export const regenerateUpdate = update('regenerate', gate, decided);
export const pauseSpecUpdate = update('pause', command, specState);
export const resumeSpecUpdate = update('resume', command, specState);
export const cancelSpecUpdate = update('cancel', command, specState);
export const retrySpecUpdate = update('retry', z.unknown(), specState);
/** From a spec to its phase: why its agent pauses, or null when it continues. */
export const holdSignal = signal('hold', z.strictObject({ reason: z.string().nullable() }));
/** A run of the spec's tickets started while the spec was paused, and waits until the spec resumes it. */
export const heldSignal = signal('held', z.strictObject({ run_id: z.string() }));
