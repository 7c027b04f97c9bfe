import type { z } from 'zod';
import type { PhaseOutputs, PriorOutputs } from './index.ts';
import type { EarsWords } from '../requirements/words.ts';
import type { PhaseId } from './names.ts';

/**
 * One phase of planning: the prompt, the schema of the answer and the rules of its gate. All of it is deterministic.
 * The title and the order of phases are in names.ts.
 */
export interface PhaseDefinition<P extends PhaseId = PhaseId, Output = PhaseOutputs[P]> {
  id: P;
  /** Schema of the answer. A missing field gets an empty default, and `score` rates what is missing. */
  schema: z.ZodType<Output>;
  /** Earlier phases whose outputs are part of the prompt. */
  inputs: readonly PhaseId[];
  instructions(request: PhaseRequest): string;
  /** The task of the phase as a section of a compact plan: what a small feature needs. */
  brief?: string;
  /** The fields that a compact plan asks for, where code computes the others. */
  judged?: readonly string[];
  /** Rates the answer; the weights sum to 1. */
  score(output: Output, prior: PriorOutputs, known?: Known): ScoredCriterion[];
  /** Faults that fail the phase whatever its score. */
  vetoes(output: Output, prior: PriorOutputs, known?: Known): Veto[];
  /** Replaces claims of the model by values that code computes, before the output is stored. */
  correct?(output: Output, prior: PriorOutputs): Output;
  /** The part of the phase in the spec's Markdown: headings and blocks in order. Absent: no chapter. */
  chapter?(output: Output, prior: PriorOutputs): string[];
}

/** What a gate knows beside the outputs. */
export interface Known {
  /** The code that the spec starts from; without it, files that a plan names are not looked for. */
  base?: CodeBase;
  /** How the project words requirements beside English. */
  words?: EarsWords;
}

/** The files of a commit. */
export interface CodeBase {
  paths: ReadonlySet<string>;
  /** Names of the scripts of the root's package.json; undefined: not known. */
  scripts?: readonly string[];
}

export interface PhaseRequest {
  title: string;
  /** The user's description, verbatim. */
  description: string;
  prior: PriorOutputs;
  /** How the project words requirements beside English. */
  words?: EarsWords;
  /** The questions that people have answered, with their answers. */
  answers?: string;
  /** The fields that an earlier attempt had submitted. */
  draft?: Record<string, unknown>;
  /** The changes that the gate or a person asks for. */
  feedback?: string;
}

export interface ScoredCriterion {
  name: string;
  /** Share of the score, 0 to 1. */
  weight: number;
  /** How far the criterion is met, 0 to 1. */
  value: number;
  /** The demand, and the items that do not meet it. */
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
  | 'file_created_twice'
  | 'missing_file'
  | 'check_cannot_start'
  | 'interface_not_made'
  | 'not_ready'
  | 'blockers';

export interface Veto {
  code: VetoCode;
  message: string;
  /** Ids of the items at fault. */
  ids: string[];
}
