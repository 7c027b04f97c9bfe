import type { z } from 'zod';
import type { PhaseOutputs, PriorOutputs } from './index.ts';
import type { PhaseId } from './names.ts';

/**
 * One phase of planning: the prompt, the schema of the answer and the rules of its gate. Deterministic throughout.
 * Its title and its place in the order are in names.ts.
 */
export interface PhaseDefinition<P extends PhaseId = PhaseId, Output = PhaseOutputs[P]> {
  id: P;
  /** Types of the answer. A missing field gets an empty default: `score` rates what is missing. */
  schema: z.ZodType<Output>;
  /** Earlier phases whose outputs are part of the prompt. */
  inputs: readonly PhaseId[];
  instructions(request: PhaseRequest): string;
  /** Rates the answer; the weights sum to 1. */
  score(output: Output, prior: PriorOutputs): ScoredCriterion[];
  /** Faults no score outweighs. */
  vetoes(output: Output, prior: PriorOutputs): Veto[];
  /** Replaces claims of the model by what code can compute, before the output is stored. */
  correct?(output: Output, prior: PriorOutputs): Output;
  /** Its part of the spec as Markdown: headings and blocks in order. No chapter without it. */
  chapter?(output: Output, prior: PriorOutputs): string[];
}

export interface PhaseRequest {
  title: string;
  /** The user's words, verbatim. */
  description: string;
  prior: PriorOutputs;
  /** What an earlier attempt had submitted. */
  draft?: Record<string, unknown>;
  /** What the gate or a person wants changed. */
  feedback?: string;
}

export interface ScoredCriterion {
  name: string;
  /** Share of the score, 0 to 1. */
  weight: number;
  /** How far it is met, 0 to 1. */
  value: number;
  /** What it demands, and who falls short of it. */
  note: string;
}

export type VetoCode =
  | 'cycle'
  | 'unknown_dependency'
  | 'unknown_parent'
  | 'unknown_requirement'
  | 'unknown_task'
  | 'duplicate_id'
  | 'uncovered_requirement'
  | 'no_keyword'
  | 'empty_ticket'
  | 'task_without_ticket'
  | 'no_tasks'
  | 'too_large'
  | 'not_ready'
  | 'blockers';

export interface Veto {
  code: VetoCode;
  message: string;
  /** Ids of the items concerned. */
  ids: string[];
}
