import type { z } from 'zod';
import type { DesignOutput } from './design.ts';
import type { ExploreOutput } from './explore.ts';
import type { PrdOutput } from './prd.ts';
import type { RequirementsOutput } from './requirements.ts';
import type { SyncOutput } from './sync.ts';
import type { TasksOutput } from './tasks.ts';

/** What each phase hands on once its gate is passed. */
export interface PhaseOutputs {
  explore: ExploreOutput;
  prd: PrdOutput;
  requirements: RequirementsOutput;
  design: DesignOutput;
  tasks: TasksOutput;
  sync: SyncOutput;
}

export type PhaseId = keyof PhaseOutputs;
export type PriorOutputs = Partial<PhaseOutputs>;

/** One phase of planning: what it asks for, and what its gate demands. Deterministic throughout. */
export interface PhaseDefinition<P extends PhaseId = PhaseId> {
  id: P;
  title: string;
  /** Types of the answer. Lenient about missing fields, whose absence `score` rates. */
  schema: z.ZodType<PhaseOutputs[P]>;
  /** Earlier phases whose outputs stand in the prompt. */
  inputs: readonly PhaseId[];
  instructions(request: PhaseRequest): string;
  /** Rates the answer; the weights sum to 1. */
  score(output: PhaseOutputs[P], prior: PriorOutputs): Criterion[];
  /** Faults no score outweighs. */
  vetoes(output: PhaseOutputs[P], prior: PriorOutputs): Veto[];
  /** Replaces what the model claimed by what code knows, before the output is stored. */
  settle?(output: PhaseOutputs[P], prior: PriorOutputs): PhaseOutputs[P];
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

export interface Criterion {
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
