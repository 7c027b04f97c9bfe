import type { AgentState } from '../domain/agent/run.ts';
import type { DiscoveryOutcome, ToolOutcome } from './run.ts';

/** Input of a try of a stretch: the run, and what its workflow has changed since the last stretch returned. */
export interface StretchInput {
  organization_id: string;
  run_id: string;
  /** Grows with each try that the workflow starts; the server's own tries of it count after it. */
  number: number;
  /** Number of the last stretch that returned to the workflow; 0 before the first. */
  since: number;
  given: Partial<AgentState>;
  /** Ends the newest turn without running what is left of it: a stop or a message came first. */
  close?: 'stop' | 'message';
}

/** Why the model gave no turn. */
export type NoTurn =
  /** The provider limits requests or is down: the run waits. `seconds` is set where the provider names them. */
  | { kind: 'wait'; seconds: number | null; message: string }
  /** `until`: ISO time at which the budget begins again or ends; absent: a person must raise it. */
  | { kind: 'budget'; scope_type: string; message: string; until?: string }
  /** Only a person can fix it, such as a refused key. */
  | { kind: 'person'; reason: string; message: string }
  | { kind: 'fail'; reason: string; message: string }
  | { kind: 'compact' }
  /** The provider refuses the conversation's thinking: it is bound to another conversation. */
  | { kind: 'drop_thinking'; message: string }
  | { kind: 'drop_images'; message: string }
  /** The models of the provider refuse to answer: the run continues with one of another provider. */
  | { kind: 'switch_model'; provider: string; model: string; reason: string };

/** A call whose answer comes from elsewhere. */
export interface OpenCall {
  position: number;
  outcome: ToolOutcome | null;
}

/** Why a stretch returned. */
export type StretchEnd =
  /** Its time is up, or the workflow called it back: after a turn, or (`open`) between two calls of one. */
  | { kind: 'boundary'; open?: true }
  /** An interrupt, a stop or a limit of time cut the step under way. */
  | { kind: 'cut'; by: 'message' | 'run' | 'iteration' }
  /** Calls that wait for a person. */
  | { kind: 'asked'; turn: number; calls: OpenCall[] }
  /** Calls that wait for other runs. */
  | { kind: 'exploring'; turn: number; calls: OpenCall[] }
  | { kind: 'discovered'; outcomes: DiscoveryOutcome[] }
  /** The iteration is over, and its result is checked. */
  | { kind: 'close'; cause: string; message: string; outcome?: ToolOutcome }
  | { kind: 'end'; reason: string; message: string }
  | { kind: 'compact' }
  /** The model gave no turn. */
  | { kind: 'unanswered'; result: NoTurn };

export interface StretchResult {
  /** The fields of the loop's state that the stretch has changed. */
  changes: Partial<AgentState>;
  then: StretchEnd;
  /** The guardian should look: nothing has progressed for a while. */
  quiet?: true;
}
