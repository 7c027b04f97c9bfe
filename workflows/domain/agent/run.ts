/** The kinds of work that an agent is started for. `explore`: a question about the code that another run asked. */
export const runKinds = ['phase', 'task', 'validation', 'merge', 'explore'] as const;
export type RunKind = (typeof runKinds)[number];

/** The permissions of a run: `exploration` and `validation` change no files. */
export type RunMode = 'exploration' | 'implementation' | 'validation' | 'merge';

export type RunEnd = 'completed' | 'failed' | 'cancelled';

/** The limits of a run, by what they count. */
export type LimitName = 'turns' | 'cost' | 'time';

export interface RunLimits {
  max_turns: number;
  max_usd: number;
  /** Seconds of active time; waiting does not count. */
  max_seconds: number;
  iteration_turns: number;
  max_iterations: number;
  /** Seconds of active time of one iteration; absent: only the limit of the run applies. */
  iteration_seconds?: number;
  /** Share of a limit, 0 to 1, at which the agent gets a notice. */
  notice_at: number;
  quiet_turns: number;
  /** Seconds before the n-th retry of an iteration: backoff * 2^(n-1). 0: at once. */
  iteration_backoff: number;
  compact_at_tokens: number;
  idle_compact_at_tokens: number;
  cache_ttl_seconds: number;
  /** Seconds of waiting after which the sandbox is released. */
  release_after_seconds: number;
  question_timeout_seconds: number;
  /** Dollars of max_usd by which the night policy has raised it, in all nights together. */
  raised_at_night_usd?: number;
  /** At these limits the run asks a person, since no fresh attempt follows it. At the others it ends. */
  asks_at?: LimitName[];
}

/** State of an agent's loop that is carried through continue-as-new: plain JSON, bounded in size. */
export interface AgentState {
  turn: number;
  /** Number of model calls that the loop has requested. A repeated activity keeps its number. */
  call_no: number;
  epoch: number;
  iteration: number;
  iteration_turn: number;
  active_ms: number;
  iteration_active_ms: number;
  cost_micros: number;
  /** Tokens of the conversation after the last answer. */
  context_tokens: number;
  /** ISO time of the last answer. The provider's cache expires a fixed time after it. */
  last_call_at: string | null;
  paused: { by: string; reason: string } | null;
  /** Names of the limits that the agent has had a notice of. */
  noticed: string[];
  grace_used: boolean;
  signatures: CallSignature[];
  streaks: Streaks;
  quiet_turns: number;
  /** Codes of notices for the next user message, and texts of notices without a code. */
  notices: string[];
  double_output: boolean;
  /** Consecutive waits for a provider that gives no retry time. */
  waits: number;
  /** The run was paused for its provider, so its next request is made although the pause of the others may hold. */
  ask_anyway?: boolean;
  compactions: number;
  /** Turns since the context was rewritten. */
  since_compaction: number;
  sandbox_open: boolean;
}

export interface CallSignature {
  /** Hash of name and input. */
  call: string;
  /** Hash of the result. */
  result: string;
  error: boolean;
}

export interface Streaks {
  empty: number;
  text_only: number;
  malformed: number;
  pause_turn: number;
  max_tokens: number;
  timeouts: number;
  refused_completions: number;
  refused_submissions: number;
  /** Answers in a row that the provider refused; absent in the state of a run from an earlier version. */
  refusals?: number;
}
