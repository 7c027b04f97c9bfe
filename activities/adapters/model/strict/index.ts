import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { factsOf, type FoundModel } from '#workflows/domain/agent/models.ts';
import { ImpossibleAnswer, outputTokens, shapeAnswer, type PlayedBlock } from './answer.ts';
import { PromptCache } from './cache.ts';
import { refusal, type Account, type Refusal, type Rule } from './refusal.ts';
import { bodySchema, formProblem, type Body, type StrictRequest } from './request.ts';
import { betaRules } from './rules-beta.ts';
import { conversationRules } from './rules-conversation.ts';
import { modelRules } from './rules-model.ts';
import { sizeRules } from './rules-size.ts';
import { boundElsewhere, isDropped, thinkingRules, thoughtsOf } from './rules-thinking.ts';
import { toolRules } from './rules-tools.ts';
import { serverToolProblem } from './server-tools.ts';
import type { AnsweredMessage } from './stream.ts';

export { ImpossibleAnswer } from './answer.ts';
export type { Account, Refusal } from './refusal.ts';

/** Every rule of the wire, in the order in which a request is checked. */
export const rules: readonly Rule[] = [
  ...betaRules,
  ...modelRules,
  ...toolRules,
  ...conversationRules,
  ...thinkingRules,
  ...sizeRules,
];

const maxBytes = 32 * 1024 * 1024;

export interface StrictOptions {
  /** Milliseconds since 1970, for the life of cache entries. */
  now?: () => number;
  account?: Account;
}

/** A request that every rule accepts. */
export interface Admitted extends StrictRequest {
  model: FoundModel;
  account: Account;
}

/** The part of an answer that a player decides. */
export interface PlayedAnswer {
  id?: string;
  content: readonly PlayedBlock[];
  stop_reason?: string;
  stop_details?: object;
  /** Counts that replace the estimates. */
  usage?: object;
  /** False for an answer that only a faulty provider could give. */
  isPossible?: boolean;
}

/** The rules of the Messages API in front of a player: refuses requests, and gives answers the provider's form. */
export class StrictWire {
  account: Account;
  private readonly cache: PromptCache;
  /** Answers that were paused: only these may end a conversation, and the model continues them. */
  private readonly paused = new Set<string>();

  constructor({ now = Date.now, account = { id: 'org_strict', created: '2026-09-01' } }: StrictOptions = {}) {
    this.account = account;
    this.cache = new PromptCache(now);
  }

  /** Checks a request by its headers and the bytes of its body. */
  admit(headers: IncomingHttpHeaders, raw: string): Admitted | { refused: Refusal } {
    if (Buffer.byteLength(raw) > maxBytes)
      return { refused: refusal(413, 'Request exceeds the maximum allowed number of bytes.') };
    if (!/^Bearer ./.test(headers.authorization ?? '') && !headers['x-api-key'])
      return { refused: refusal(401, 'Authorization: Bearer or x-api-key header is required') };
    if (!headers['anthropic-version']) return { refused: refusal(400, 'anthropic-version: header is required') };
    const sent = parseJson(raw);
    const foreign = serverToolProblem(sent);
    if (foreign) return { refused: refusal(400, foreign) };
    const parsed = bodySchema.safeParse(sent);
    if (!parsed.success) return { refused: refusal(400, formProblem(parsed.error)) };
    const body = parsed.data;
    const model = factsOf(body.model);
    if (!model.is_known) return { refused: refusal(404, `model: ${body.model}`) };
    const betas = String(headers['anthropic-beta'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const last = body.messages.at(-1);
    const isPaused = last?.role === 'assistant' && this.paused.has(JSON.stringify(last.content));
    for (const rule of rules) {
      if (isPaused && rule.name === 'prefill') continue;
      const message = rule.check({ body, betas }, model, this.account);
      if (message) return { refused: refusal(400, message) };
    }
    return { body, betas, model, account: this.account };
  }

  /** The message of a played answer. @throws ImpossibleAnswer when the real provider could not give it. */
  answer(admitted: Admitted, played: PlayedAnswer): AnsweredMessage {
    const { body, model, account } = admitted;
    const { read, transformations } = readable(admitted);
    const { usage, store } = this.cache.use(read, model);
    if (played.stop_reason === 'pause_turn' && played.isPossible !== false)
      throw new ImpossibleAnswer('The answer of the test pauses its turn, as only tools of the vendor do.');
    const content = shapeAnswer(played.content, body, model, account, played.isPossible);
    const output = outputTokens(played.content);
    store();
    if (played.stop_reason === 'pause_turn') this.paused.add(JSON.stringify(content));
    const calls = content.some(({ type }) => type === 'tool_use');
    return {
      id: played.id ?? `msg_${digest(JSON.stringify([body, played.content]))}`,
      model: body.model,
      content,
      stop_reason: played.stop_reason ?? (calls ? 'tool_use' : 'end_turn'),
      stop_details: played.stop_details ?? null,
      usage: {
        ...usage,
        output_tokens: output.all,
        output_tokens_details: { thinking_tokens: output.thinking },
        ...played.usage,
      },
      ...(transformations.length > 0 ? { input_transformations: transformations } : {}),
    };
  }
}

/** The request without the thinking that the model drops, and a report of what it dropped. */
function readable({ body, model, account }: Admitted): { read: Body; transformations: object[] } {
  const bound = boundElsewhere(body, model, account);
  const thoughts = thoughtsOf(body);
  const from = bound ? thoughts.findIndex(({ signature }) => signature === bound.signature) : thoughts.length;
  const dropped = thoughts.filter((thought, at) => at >= from || isDropped(thought, model, account));
  if (dropped.length === 0) return { read: body, transformations: [] };
  const signatures = new Set(dropped.map(({ signature }) => signature));
  const messages = body.messages.map((message) =>
    typeof message.content === 'string'
      ? message
      : {
          ...message,
          content: message.content.filter((block) => !('signature' in block && signatures.has(block.signature))),
        },
  );
  return {
    read: { ...body, messages },
    transformations: bound
      ? dropped.map(({ message, block }) => ({
          type: 'thinking_dropped',
          path: `messages.${message}.content.${block}`,
          reason: 'prefix_binding_mismatch',
        }))
      : [],
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
