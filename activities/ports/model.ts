import type { Effort } from '#workflows/domain/agent/model-facts.ts';

/** A language model with the interface of Anthropic's Messages API. */
export interface ModelPort {
  readonly provider: string;
  /** True for a scripted model. Only such a model may run commands in a sandbox without isolation. */
  readonly scripted: boolean;
  /**
   * Makes one streamed call. It never retries: only the workflow does.
   * @throws ModelError with the kind of failure.
   */
  call(request: ModelRequest, hooks?: ModelHooks): Promise<ModelResponse>;
  /** Why the model cannot do some work, with the remedy. Undefined where it can, and absent where it can do any. */
  refusal?(work: WantedWork): string | undefined;
  /**
   * Whose key is used for some work, and its provider and models. Absent: the platform's alone.
   * @param provider asks for a key of this provider alone.
   */
  accountOf?(work: KeyScope, provider?: string): Promise<ModelAccount>;
  /** The settings of a provider that a person fixes when it refuses all requests. Absent where there are none. */
  settingNames?(provider: string): SettingNames | undefined;
}

/** What a person fixes: a provider's settings, as they are in the environment, or the fields of an own key. */
export interface SettingNames {
  key: string;
  url: string;
  /** Absent: OMOIOS_MODEL. */
  model?: string;
}

/** The work that a key is for: the keys of the person who started it come first. */
export interface KeyScope {
  organization_id: string;
  spec_id?: string | null;
  ticket_id?: string | null;
  /** The person, where the work is not stored yet. */
  user_id?: string | null;
}

/** A key that an organization or a person brings. The key itself never leaves the service that calls the model. */
export interface OwnKey {
  id: string;
  name: string;
  provider: string;
  last_four: string;
  owner: 'organization' | 'user';
}

export interface ModelAccount {
  provider: string;
  /** The model of runs. */
  model: string;
  /** Null: the platform's key. */
  key: OwnKey | null;
  /** Why a key of their own is not used; null where it is, or there is none. */
  unused: string | null;
  /** Why no call may be made with the platform's key; null: it may, or the key is their own. */
  refused: string | null;
  /** The model to use where the settings name one. */
  modelFor(name: string): string;
}

/** Work that a person wants to start: a feature, or a ticket with one task. */
export interface WantedWork {
  kind: 'spec' | 'ticket' | 'question';
  title: string;
  description: string;
}

/** Sent unchanged: the prompt cache works only while key order and bytes of the prefix stay the same. */
export interface ModelRequest {
  /** The provider of the model; absent, or one that the settings do not have: the chosen one. */
  provider?: string;
  /** The own key that the call is made with; absent: the platform's. */
  key_id?: string | null;
  model: string;
  system: unknown[];
  tools: unknown[];
  /** The answer calls at most one tool. */
  single_call?: boolean;
  /** How much the model thinks and writes. A model without this choice ignores it. */
  effort?: Effort;
  /** `run:ID` for agent sessions, else `{kind}:{subject id}`. */
  user_id: string;
  messages: { role: 'user' | 'assistant'; content: unknown[] }[];
  max_tokens: number;
  /** How long the newest part of the conversation stays cached; undefined: it is not cached. */
  cache_ttl?: '5m' | '1h';
  /**
   * A whole request of the Messages API, which is sent as it is but for model and max_tokens; system, tools and messages
   * above are empty then. Other interfaces refuse it.
   */
  passed_on?: { body: Record<string, unknown>; betas: string[] };
}

export interface ModelHooks {
  signal?: AbortSignal;
  /** Called once, with the first event of the answer. */
  onFirst?: () => void;
  /** Called with each piece of text as it arrives; these are never stored. */
  onDelta?: (text: string) => void;
  /** Called with each event of the Messages API's stream as it arrives. */
  onEvent?: (event: { type: string }) => void;
  /** Called with the usage so far, so that the cost of an interrupted call can still be recorded. */
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
  /** The reason for a refusal, where the model gives one. */
  refusal?: string;
  /** Assistant blocks exactly as they must be sent back, including signatures and redacted blocks. */
  content: Record<string, unknown>[];
  /** Indexes of the tool_use blocks whose input was not valid JSON, with the text that arrived. */
  malformed: { index: number; text: string }[];
  usage: ModelUsage;
}

export type ModelErrorKind =
  | 'rate_limited' // wait, then repeat the request
  | 'overloaded' // wait, then repeat the request
  | 'server' // 5xx, connection lost, stream cut
  | 'timeout' // no data arrived for too long
  | 'auth' // a person must fix the key
  | 'settings' // a person must name another model or address
  | 'billing' // a person must pay
  | 'too_large' // the request exceeds the context: compact it
  | 'image' // an image of the request cannot be shown: leave the images out
  | 'thinking' // the request's thinking is bound to another conversation: leave it out
  | 'invalid' // 4xx: a repeated request would fail again
  | 'aborted'; // by the caller's signal

export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly kind: ModelErrorKind,
    message: string,
    /** Seconds that the provider asks to wait. */
    readonly retryAfter?: number,
    /** What a person fixes; absent: the settings of the provider. */
    readonly fix?: SettingNames,
  ) {
    super(message);
  }
}

/** Kinds that pass by themselves: the same request may succeed later. */
const passing = new Set<ModelErrorKind>(['rate_limited', 'overloaded', 'server', 'timeout', 'aborted']);

/** Whether the same request fails until a person fixes the cause: the request, the settings, the key or the account. */
export const needsPerson = ({ kind }: ModelError): boolean => !passing.has(kind);
