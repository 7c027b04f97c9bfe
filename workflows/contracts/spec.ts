import { defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import type { GatePolicy } from '../domain/phases/gate-policy.ts';

export interface SpecInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  /** The phases to run, in order; workflow input, so that a later version's list changes no running spec. */
  plan: { version: number; phases: string[] };
  gate_policy: GatePolicy;
  /** For a spec that failed and is taken up again: the place in the plan it goes on at, how often each phase was begun, and words for the one that is done anew. */
  again?: { from: number; chains: Record<string, number>; feedback: string | null };
}

export interface PhaseInput {
  spec_id: string;
  organization_id: string;
  project_id: string;
  phase: string;
  /** Counts how often the phase was begun anew. */
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
export const gateInput = z.strictObject({
  phase: z.string(),
  actor,
  feedback: z.string().max(20_000).optional(),
  reason: z.string().max(20_000).optional(),
});
export const changesInput = z.strictObject({
  phase: z.string(),
  actor,
  feedback: z.string().trim().min(1).max(20_000),
});
export const specCommand = z.strictObject({ reason: z.string().max(2000).optional(), actor });

export const approveUpdate = defineUpdate<{ status: string }, [unknown]>('approve');
export const requestChangesUpdate = defineUpdate<{ status: string }, [unknown]>('requestChanges');
export const rejectUpdate = defineUpdate<{ status: string }, [unknown]>('reject');
export const regenerateUpdate = defineUpdate<{ status: string }, [unknown]>('regenerate');
export const pauseSpecUpdate = defineUpdate<{ state: string }, [unknown]>('pause');
export const resumeSpecUpdate = defineUpdate<{ state: string }, [unknown]>('resume');
export const cancelSpecUpdate = defineUpdate<{ state: string }, [unknown]>('cancel');
export const retrySpecUpdate = defineUpdate<{ state: string }, [unknown]>('retry');
/** From a spec to its phase: why its agent pauses, or null when it goes on. */
export const holdSignal = defineSignal<[unknown]>('hold');
export const holdInput = z.strictObject({ reason: z.string().nullable() });
/** A run of the spec's tickets began while the spec was paused, and holds until it is told to go on. */
export const heldSignal = defineSignal<[unknown]>('held');
export const heldInput = z.strictObject({ run_id: z.string() });
