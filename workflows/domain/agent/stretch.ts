import { limitReached, limitsToAnnounce } from './limits.ts';
import type { AgentState, RunLimits } from './run.ts';

/**
 * The loop's state of a run as its row keeps it, written with each answer, each begin of a turn and each return of a
 * stretch. A try that follows a lost one continues from there.
 */
export interface StoredLoop<Returned = unknown> {
  /** Number of the stretch that wrote it. */
  stretch: number;
  state: AgentState;
  /** The newest turn has its answer, and nothing was decided after it yet: calls of it may be open. */
  undecided?: true;
  /** Of a run that a program in its sandbox carries on. */
  program?: ProgramState;
  /** Set while the model is asked: how many tries of the turn ended without a word. */
  lost?: number;
  /** What the stretch returned: it is returned again where the workflow never heard of it. */
  returned?: Returned;
}

/** The newest program that was started in the sandbox of a run. */
export interface ProgramState {
  /** Counts the programs of the run. */
  number: number;
  /** It has ended, and its end was taken in. */
  over?: true;
  /** It is asked to return at its next boundary. */
  returns?: true;
}

/** The calls that a workflow does not carry, since only the rules read them. */
type Carried = Omit<AgentState, 'signatures'>;

/** The fields that differ, as `now` has them. Signatures are left out: the row keeps them. */
export function changesBetween(before: AgentState, now: AgentState): Partial<AgentState> {
  const { signatures: _before, ...known } = before;
  const { signatures: _now, ...rest } = now;
  return Object.fromEntries(
    Object.entries(rest).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(known[name as keyof Carried]),
    ),
  );
}

/**
 * The state with which a stretch begins.
 * @param given the fields that the workflow has changed since the last stretch returned.
 */
export function stateWith(stored: AgentState, given: Partial<AgentState>): AgentState {
  const state = { ...stored, ...given };
  // A new iteration begins without memory of the calls before it.
  if (given.iteration !== undefined && given.iteration !== stored.iteration && !given.signatures) state.signatures = [];
  return state;
}

/** Whether the workflow has something to decide before the next turn: a pause, a limit or its notice, a compaction. */
export const workflowDecides = (state: AgentState, limits: RunLimits): boolean =>
  state.paused !== null ||
  state.iteration_turn >= limits.iteration_turns ||
  state.context_tokens > limits.compact_at_tokens ||
  limitsToAnnounce(state, limits, state.noticed).length > 0 ||
  limitReached(state, limits, false) !== undefined;
