/** A language model on Anthropic's Messages wire. */
export interface ModelPort {
  readonly provider: string;
  /** Only a scripted model may drive a sandbox without isolation. */
  readonly scripted: boolean;
  /** One streamed call, no retries of its own: the workflow is the one owner of retries. */
  call(request: ModelRequest, hooks?: ModelHooks): Promise<ModelResponse>;
}

/** Sent unchanged: key order and bytes are the prompt cache's prefix. */
export interface ModelRequest {
  model: string;
  system: unknown[];
  tools: unknown[];
  tool_choice?: unknown;
  thinking?: unknown;
  /** `run:ID` for agent sessions, else `{kind}:{subject id}`. */
  user_id: string;
  messages: { role: 'user' | 'assistant'; content: unknown[] }[];
  max_tokens: number;
  /** How long the moving end of the conversation stays cached; undefined: not at all. */
  cache_ttl?: '5m' | '1h';
}

export interface ModelHooks {
  signal?: AbortSignal;
  /** Called with pieces of text as they come; never stored. */
  onDelta?: (text: string) => void;
  /** Called with usage known so far, so that an interrupted call can still be paid. */
  onUsage?: (usage: ModelUsage) => void;
}

export interface ModelUsage {
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
}

export type StopReason =
  'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'pause_turn' | 'refusal' | 'model_context_window_exceeded';

export interface ModelResponse {
  id: string;
  model: string;
  stop_reason: StopReason;
  /** Why it refused, where it says so. */
  refusal?: string;
  /** Assistant blocks exactly as they must be sent back, signatures and redacted blocks too. */
  content: Record<string, unknown>[];
  /** Indexes of tool_use blocks whose input was no JSON, with the text that came. */
  malformed: { index: number; text: string }[];
  usage: ModelUsage;
}

export type ModelErrorKind =
  | 'rate_limited' // wait, then the same again
  | 'overloaded' // wait, then the same again
  | 'server' // 5xx, connection lost, stream cut
  | 'timeout' // nothing came for too long
  | 'auth' // a person must fix the key
  | 'billing' // a person must pay
  | 'too_large' // the request does not fit: compact
  | 'invalid' // 4xx: the same again would fail again
  | 'aborted'; // by our own signal

export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly kind: ModelErrorKind,
    message: string,
    /** Seconds the provider asks to wait. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}
