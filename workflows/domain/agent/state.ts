import { judgeTurn, noStreaks } from './loop-control.ts';
import type { AgentState, RunKind, RunLimits } from './run.ts';

/** The state of a run before its first turn. A fork begins after the turns that its conversation has. */
export const freshState = (startTurn = 0): AgentState => ({
  turn: startTurn,
  call_no: 0,
  epoch: 0,
  iteration: 1,
  iteration_turn: 0,
  active_ms: 0,
  iteration_active_ms: 0,
  cost_micros: 0,
  context_tokens: 0,
  last_call_at: null,
  paused: null,
  noticed: [],
  grace_used: false,
  signatures: [],
  streaks: { ...noStreaks },
  quiet_turns: 0,
  notices: [],
  double_output: false,
  waits: 0,
  compactions: 0,
  since_compaction: 0,
  sandbox_open: false,
});

/** What an answer of the model counts for. Costs are micro-dollars and tokens those of the whole conversation. */
export interface Answer {
  turn: number;
  run_cost_micros: number;
  context_tokens: number;
}

/** The state after an answer of the model, before its calls. @param at ISO time of the answer. */
export const afterAnswer = (state: AgentState, answer: Answer, at: string): AgentState => ({
  ...state,
  turn: answer.turn,
  iteration_turn: state.iteration_turn + 1,
  cost_micros: answer.run_cost_micros,
  context_tokens: answer.context_tokens,
  last_call_at: at,
  notices: [],
  waits: 0,
  ask_anyway: false,
  since_compaction: state.since_compaction + 1,
});

/** A call that has ended, or that was skipped. */
export interface EndedCall<Outcome> {
  name: string;
  is_error: boolean;
  error_kind: string | null;
  /** [hash of the call, hash of its result] */
  signature: [string, string];
  outcome: Outcome | null;
  /** It waited for a job that still runs. */
  waiting?: boolean;
}

/** A turn whose calls have ended. */
export interface EndedTurn<Outcome> {
  stop_reason: string;
  /** The answer has text. */
  text: boolean;
  /** What the provider says about a refusal. */
  message?: string;
  calls: EndedCall<Outcome>[];
  files_changed: boolean;
  /** The first refusal is followed by another request instead of a pause. */
  rephrase: boolean;
}

/** What follows a turn. */
type Next<Outcome> =
  | { kind: 'turn' }
  /** The iteration is over, and its result is checked. */
  | { kind: 'close'; cause: string; message: string; outcome?: Outcome }
  /** The attempt has failed. */
  | { kind: 'end'; reason: string; message: string }
  /** The conversation fills the model's window. */
  | { kind: 'compact' };

/** What follows a turn where it is not another one. */
export type Decided<Outcome> = Exclude<Next<Outcome>, { kind: 'turn' }>;

export interface AfterTurn<Outcome> {
  state: AgentState;
  next: Next<Outcome>;
  /** The guardian should look: nothing has progressed for a while. */
  quiet: boolean;
}

const maxSubmissions = 5;
const maxRefusedCompletions = 3;
/** Turns after a rewrite of the context in which a repetition means that the run lost what it knew. */
const turnsAfterRewrite = 10;

/** The outcomes of the calls that succeeded, in their order. */
export const outcomesOf = <Outcome>(calls: EndedCall<Outcome>[]): Outcome[] =>
  calls.flatMap((call) => (call.outcome && !call.is_error ? [call.outcome] : []));

const endsIteration = ({ kind }: { kind: string }) => kind === 'claimed' || kind === 'submitted' || kind === 'reviewed';

/** The rules of the loop: a pure function of the state and of a turn whose calls have ended. */
export function afterTurn<Outcome extends { kind: string }>(
  before: AgentState,
  turn: EndedTurn<Outcome>,
  run: { kind: RunKind; limits: Pick<RunLimits, 'quiet_turns'> },
): AfterTurn<Outcome> {
  const state = { ...before, double_output: false };
  const outcomes = outcomesOf(turn.calls);
  const final = outcomes.find(endsIteration);
  if (final) return { state, next: { kind: 'close', cause: final.kind, message: '', outcome: final }, quiet: false };
  state.streaks = countRefusals(state.streaks, turn.calls);
  const refused = tooManyRefusals(state.streaks);
  if (refused) return { state, next: refused, quiet: false };
  const { decision, memory } = judgeTurn(state, {
    stop_reason: turn.stop_reason,
    text: turn.text,
    progressed: turn.files_changed || outcomes.length > 0,
    files_changed: turn.files_changed,
    rephrase: turn.rephrase,
    calls: turn.calls.map((call) => ({
      name: call.name,
      signature: { call: call.signature[0], result: call.signature[1], error: call.is_error },
      malformed: call.error_kind === 'bad_input',
      timed_out: call.error_kind === 'timeout',
      waiting: call.waiting,
    })),
  });
  Object.assign(state, memory);
  const quiet = run.kind === 'task' && state.quiet_turns > 0 && state.quiet_turns % run.limits.quiet_turns === 0;
  const then = (next: Next<Outcome>, change: Partial<AgentState> = {}) => ({
    state: { ...state, ...change },
    next,
    quiet,
  });
  const noticed = (code: string) => ({ notices: [...state.notices, code] });
  switch (decision.kind) {
    case 'go_on':
      return then({ kind: 'turn' });
    case 'nudge': {
      const lost =
        state.compactions > 0 && state.since_compaction <= turnsAfterRewrite && decision.notice === 'same_result';
      const paused = { by: 'platform', reason: 'The run repeats itself since its context was shortened.' };
      return then({ kind: 'turn' }, { ...noticed(decision.notice), ...(lost ? { paused } : {}) });
    }
    case 'pause': {
      const reason = turn.message ? `${decision.message} It said: ${turn.message}` : decision.message;
      return then({ kind: 'turn' }, { paused: { by: 'platform', reason } });
    }
    case 'end':
      return then({ kind: 'end', reason: decision.reason, message: decision.message });
    case 'iteration_over':
      return then({ kind: 'close', cause: 'stopped', message: 'You stopped without calling a tool.' });
    case 'more_room':
      return then({ kind: 'turn' }, { ...noticed('more_room'), double_output: true });
    case 'compact':
      return then({ kind: 'compact' }, noticed('context_full'));
  }
}

/** Counts completions and submissions that were refused. */
function countRefusals(streaks: AgentState['streaks'], calls: EndedCall<unknown>[]): AgentState['streaks'] {
  const failed = calls.filter((call) => call.is_error);
  const completions = failed.filter((call) => call.name === 'complete_task' && call.error_kind === 'failed');
  const submissions = failed.filter((call) => call.name.startsWith('submit_'));
  return {
    ...streaks,
    refused_completions: streaks.refused_completions + completions.length,
    refused_submissions: streaks.refused_submissions + submissions.length,
  };
}

/** Too many refused completions end the run, too many refused submissions the iteration. */
function tooManyRefusals({
  refused_completions: completions,
  refused_submissions: submissions,
}: AgentState['streaks']): Next<never> | undefined {
  if (completions >= maxRefusedCompletions)
    return { kind: 'end', reason: 'completion_refused', message: `complete_task was refused ${completions} times.` };
  if (submissions >= maxSubmissions)
    return { kind: 'close', cause: 'unparsable', message: `${submissions} submissions did not fit the schema.` };
  return undefined;
}

/** The state at the start of the next iteration. Answers in text only count over all iterations. */
export const nextIteration = (state: AgentState): AgentState => ({
  ...state,
  iteration: state.iteration + 1,
  iteration_turn: 0,
  iteration_active_ms: 0,
  signatures: [],
  quiet_turns: 0,
  streaks: { ...noStreaks, text_only: state.streaks.text_only },
});

/**
 * What the model is asked for next.
 * @param cacheSeconds so long after an answer the provider's cache holds the conversation.
 * @param now milliseconds since 1970.
 */
export function nextAsk(state: AgentState, cacheSeconds: number, now: number) {
  const warm = state.last_call_at !== null && now - Date.parse(state.last_call_at) < cacheSeconds * 1000;
  return {
    turn: state.turn + 1,
    call_no: state.call_no,
    iteration: state.iteration,
    notices: state.notices,
    cached_tokens: warm ? state.context_tokens : 0,
    double_output: state.double_output,
    ...(state.ask_anyway ? { ask_anyway: true } : {}),
  };
}
