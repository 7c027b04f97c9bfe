import type { AgentState, CallSignature, Streaks } from './run.ts';

/** The facts of a turn that the rules of the loop use. */
export interface TurnFacts {
  stop_reason: string;
  text: boolean;
  /** A refusal is followed by one turn with a notice; absent: it pauses the run at once. */
  rephrase?: boolean;
  calls: {
    name: string;
    signature: CallSignature;
    malformed: boolean;
    timed_out: boolean;
    /** It waited for a job that still runs, which is no repetition. */
    waiting?: boolean;
  }[];
  /** A file, the plan (todo) or the conversation's submitted work changed. */
  progressed: boolean;
  /** A file changed: the same command may now have another result. */
  files_changed: boolean;
}

export type LoopDecision =
  | { kind: 'go_on' }
  /** A notice for the next user message, by its code. */
  | { kind: 'nudge'; notice: string }
  | { kind: 'pause'; reason: string; message: string }
  /** The attempt has failed: a fresh one with a diagnosis is more likely to succeed. */
  | { kind: 'end'; reason: string; message: string }
  /** The model stopped without a tool call: the iteration is over. */
  | { kind: 'iteration_over' }
  /** The answer did not fit: the same request is sent again with twice the output limit. */
  | { kind: 'more_room' }
  /** The conversation fills the model's context window: it must be compacted. */
  | { kind: 'compact' };

export const noStreaks: Streaks = {
  empty: 0,
  text_only: 0,
  malformed: 0,
  pause_turn: 0,
  max_tokens: 0,
  timeouts: 0,
  refused_completions: 0,
  refused_submissions: 0,
  refusals: 0,
};

const keptSignatures = 25; // five rounds of a cycle of five
const maxCutAnswers = 5;

/** Whether the answer was cut off. Its last call may be incomplete, so none of its calls is run. */
export const wasCutOff = (stopReason: string) =>
  stopReason === 'max_tokens' || stopReason === 'model_context_window_exceeded';

const same = (a: CallSignature | undefined, b: CallSignature | undefined) =>
  !!a && !!b && a.call === b.call && a.result === b.result;

/** How many times in a row the newest call was made with the same result. */
export function repetition(signatures: CallSignature[]): number {
  const last = signatures.at(-1);
  let n = 0;
  while (n < signatures.length && same(signatures.at(-1 - n), last)) n += 1;
  return n;
}

/**
 * The cycle of 2 to 5 calls at the end with the most whole rounds: its length in calls, and its rounds. Both are 0
 * without a cycle.
 */
export function cycle(signatures: CallSignature[]): { length: number; rounds: number } {
  let best = { length: 0, rounds: 0 };
  for (let length = 2; length <= 5; length += 1) {
    let matched = 0;
    while (
      matched + length < signatures.length &&
      same(signatures.at(-1 - matched), signatures.at(-1 - matched - length))
    )
      matched += 1;
    const rounds = Math.floor(matched / length) + 1;
    // A single call repeated is a repetition, not a cycle.
    const varied = new Set(signatures.slice(-length).map((s) => s.call)).size > 1;
    if (varied && matched >= length && rounds > best.rounds) best = { length, rounds };
  }
  return best;
}

/** What the rules know of earlier turns. */
export type LoopMemory = Pick<AgentState, 'signatures' | 'streaks' | 'quiet_turns'>;

/** @returns what the loop does after a turn, and the memory with that turn in it. */
export function judgeTurn(memory: LoopMemory, facts: TurnFacts): { decision: LoopDecision; memory: LoopMemory } {
  const next = remember(memory, facts);
  return { decision: decide(next, facts), memory: next };
}

function remember({ signatures, streaks, quiet_turns: quietTurns }: LoopMemory, facts: TurnFacts): LoopMemory {
  if (wasCutOff(facts.stop_reason)) {
    const cut = facts.stop_reason === 'max_tokens' ? 1 : 0;
    return {
      signatures,
      streaks: { ...streaks, max_tokens: streaks.max_tokens + cut },
      quiet_turns: quietTurns,
    };
  }
  const { calls, stop_reason: stop, text } = facts;
  const silent = calls.length === 0;
  const active = calls.filter((call) => !call.waiting);
  return {
    signatures: [...(facts.files_changed ? [] : signatures), ...active.map((call) => call.signature)].slice(
      -keptSignatures,
    ),
    streaks: {
      ...streaks,
      max_tokens: 0,
      empty: silent && !text && stop !== 'pause_turn' && stop !== 'refusal' ? streaks.empty + 1 : 0,
      text_only: silent && text && stop === 'end_turn' ? streaks.text_only + 1 : 0,
      refusals: stop === 'refusal' ? (streaks.refusals ?? 0) + 1 : 0,
      pause_turn: stop === 'pause_turn' ? streaks.pause_turn + 1 : 0,
      malformed: calls.some((call) => call.malformed) ? streaks.malformed + 1 : silent ? streaks.malformed : 0,
      timeouts: calls.reduce(
        (count, call) => (call.timed_out ? count + 1 : call.name === 'bash' ? 0 : count),
        streaks.timeouts,
      ),
    },
    quiet_turns: facts.progressed ? 0 : quietTurns + 1,
  };
}

function decide({ signatures, streaks }: LoopMemory, facts: TurnFacts): LoopDecision {
  if (wasCutOff(facts.stop_reason)) return judgeCutAnswer(streaks, facts.stop_reason);
  if (facts.stop_reason === 'refusal') {
    if (facts.rephrase && (streaks.refusals ?? 0) <= 1) return { kind: 'nudge', notice: 'refused' };
    return {
      kind: 'pause',
      reason: 'refusal',
      message: 'The model refused to continue. Reword the task or steer the run, then resume it.',
    };
  }
  if (streaks.pause_turn > 5)
    return {
      kind: 'pause',
      reason: 'pause_turn',
      message: 'The model paused its own turn more than 5 times in a row.',
    };
  if (facts.stop_reason === 'pause_turn') return { kind: 'go_on' };
  if (streaks.empty >= 3)
    return { kind: 'pause', reason: 'empty_turns', message: 'The model gave an empty answer three times in a row.' };
  if (streaks.empty > 0) return { kind: 'nudge', notice: 'empty_turn' };
  if (streaks.text_only >= 3)
    return {
      kind: 'pause',
      reason: 'text_only',
      message: 'The model answered three times in a row without calling a tool.',
    };
  if (facts.calls.length === 0) return { kind: 'iteration_over' };
  if (streaks.malformed >= 3)
    return {
      kind: 'end',
      reason: 'malformed_input',
      message: 'Three turns in a row had tool calls with unreadable input.',
    };
  if (streaks.timeouts >= 3)
    return { kind: 'end', reason: 'command_timeouts', message: 'Three commands in a row reached their time limit.' };
  return facts.calls.every((call) => call.waiting) ? { kind: 'go_on' } : judgeRepetition(signatures);
}

function judgeCutAnswer(streaks: Streaks, stopReason: string): LoopDecision {
  if (stopReason === 'model_context_window_exceeded') return { kind: 'compact' };
  if (streaks.max_tokens >= maxCutAnswers)
    return {
      kind: 'end',
      reason: 'output_limit',
      message: `${maxCutAnswers} answers in a row were cut off at the output limit.`,
    };
  // Once with twice the output limit; after that the work must be split, not the limit raised.
  return streaks.max_tokens === 1 ? { kind: 'more_room' } : { kind: 'nudge', notice: 'write_in_parts' };
}

function judgeRepetition(signatures: CallSignature[]): LoopDecision {
  const last = signatures.at(-1);
  if (!last) return { kind: 'go_on' };
  const repeated = repetition(signatures);
  const stopAt = last.error ? 4 : 5;
  if (repeated >= stopAt)
    return {
      kind: 'end',
      reason: 'stagnation',
      message: `The same call gave the same ${last.error ? 'error' : 'result'} ${repeated} times in a row.`,
    };
  if (repeated >= 3) return { kind: 'nudge', notice: last.error ? 'same_error' : 'same_result' };
  const { length, rounds } = cycle(signatures);
  if (rounds >= 5)
    return {
      kind: 'end',
      reason: 'stagnation',
      message: `The same ${length} calls were repeated ${rounds} times with the same results.`,
    };
  if (rounds >= 3) return { kind: 'nudge', notice: 'cycle' };
  return { kind: 'go_on' };
}
