import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImpossibleAnswer, StrictWire, type StrictOptions } from '#activities/adapters/model/strict/index.ts';
import { serve, type Play } from '#activities/adapters/model/strict/serve.ts';
import type { StreamPlan } from '#activities/adapters/model/strict/stream.ts';
import { StrictOpenAiWire } from '#activities/adapters/model/strict-openai/index.ts';
import { isResponsesPath, serveResponses } from '#activities/adapters/model/strict-openai/serve.ts';
import { readContextBlock, type RunContext } from '#workflows/domain/agent/context-block.ts';

/** A unique word in everything that one test requests. It shows which test's model a request belongs to. */
export const newWord = () => `w${randomBytes(5).toString('hex')}`;

/** A request as the model sees it, with the facts that a script needs. */
export interface Played {
  raw: string;
  body: {
    model: string;
    max_tokens: number;
    system?: unknown;
    tools?: { name: string }[];
    tool_choice?: { type: string; name?: string };
    messages: {
      role: string;
      content: { type: string; text?: string; tool_use_id?: string; content?: unknown; is_error?: boolean }[];
    }[];
    metadata?: { user_id?: string };
  };
  user_id: string;
  context: RunContext;
  /** Number of assistant messages since the newest context block: the session's step in its attempt. */
  step: number;
  /** The complete text of the newest user message. */
  last: string;
  /** Results of the newest user message's tool_result blocks, in order. */
  results: { tool_use_id: string; text: string; is_error: boolean }[];
  /** The complete conversation as text, for searches. */
  text: string;
}

export type ToolUse = { name: string; input: unknown; id?: string };
export type Reply =
  | (StreamPlan & {
      text?: string;
      tools?: ToolUse[];
      stop_reason?: string;
      stop_details?: object;
      /** The text of the thought; the wire signs it, and omits it unless the request asks for it. */
      thinking?: string;
      usage?: Partial<Usage>;
      delay_ms?: number;
      raw_inputs?: string[];
      /** The answer is one that only a faulty provider gives, such as a call of a tool that is not offered. */
      impossible?: true;
    })
  /** An error answer of the provider. */
  | { status: number; error: { type: string; message: string }; headers?: Record<string, string> }
  /** A fault of the connection. */
  | { hang: true };

interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
}

export type Script = (request: Played) => Reply | Promise<Reply>;

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : Array.isArray(content)
      ? content.map((block: { text?: string; content?: unknown }) => block.text ?? textOf(block.content)).join('\n')
      : '';

export function readRequest(raw: string): Played {
  const body = JSON.parse(raw) as Played['body'];
  const userTexts = body.messages
    .filter((m) => m.role === 'user')
    .flatMap((m) =>
      typeof m.content === 'string'
        ? [m.content as string]
        : m.content.filter((b) => b.type === 'text').map((b) => b.text ?? ''),
    );
  const context = readContextBlock(userTexts) as RunContext;
  const opened = body.messages
    .map((m) => m.role === 'user' && textOf(m.content).includes('```context'))
    .lastIndexOf(true);
  const last = body.messages.at(-1);
  return {
    raw,
    body,
    context,
    user_id: body.metadata?.user_id ?? '',
    step: body.messages.slice(opened + 1).filter((m) => m.role === 'assistant').length,
    last: textOf(last?.content),
    results: (Array.isArray(last?.content) ? last.content : [])
      .filter((b) => b.type === 'tool_result')
      .map((b) => ({ tool_use_id: b.tool_use_id ?? '', text: textOf(b.content), is_error: b.is_error === true })),
    text: body.messages.map((m) => textOf(m.content)).join('\n'),
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A model server with the interfaces of both providers and their rules, which a test controls. It stores every request, with
 * the messages of the Messages API whichever interface it came by. `answered` counts the completely answered turns by
 * session, which are the turns that cost money.
 */
export class PlayedModel {
  readonly requests: Played[] = [];
  readonly answered = new Map<string, number>();
  /** Refused requests and impossible answers. A test that does not expect them fails when it stops the model. */
  readonly problems: string[] = [];
  /** Ids of the models that were asked by the Responses API. */
  readonly openAiModels: string[] = [];
  /** The keys that requests came with. */
  readonly keys = new Set<string>();
  private readonly wire: StrictWire;
  private readonly openAi: StrictOpenAiWire;
  /** Called when a client has closed the connection of a request before its answer was complete. */
  onCut?: (request: Played) => void;
  /** Serves all requests instead, without the rules of the wire. */
  instead?: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  private server?: Server;
  url = '';

  constructor(
    public script: Script,
    options: StrictOptions = {},
  ) {
    this.wire = new StrictWire(options);
    this.openAi = new StrictOpenAiWire(options.now);
  }

  async start(port = 0): Promise<this> {
    const server = createServer((req, res) => void (this.instead ?? this.serve.bind(this))(req, res));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  private async play(request: Played): Promise<Play> {
    let reply: Reply;
    try {
      reply = await this.script(request);
    } catch (error) {
      return {
        status: 400,
        type: 'invalid_request_error',
        message: `the test's script failed: ${(error as Error).stack}`,
      };
    }
    if ('hang' in reply) return reply;
    if ('status' in reply) return { status: reply.status, headers: reply.headers, ...reply.error };
    const { text, tools = [], thinking, raw_inputs, delay_ms, impossible, ...rest } = reply;
    if (delay_ms) await sleep(delay_ms);
    return {
      ...rest,
      id: `msg_${randomBytes(12).toString('hex')}`,
      isPossible: !impossible,
      content: [
        ...(thinking ? [{ type: 'thinking' as const, thinking }] : []),
        ...(text ? [{ type: 'text' as const, text }] : []),
        ...tools.map(({ id = `toolu_${randomBytes(12).toString('hex')}`, name, input }, at) => ({
          type: 'tool_use' as const,
          id,
          name,
          input,
          json: raw_inputs?.[at],
        })),
      ],
    };
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let asked: Played | undefined;
    this.keys.add(String(req.headers['x-api-key'] ?? req.headers.authorization?.replace('Bearer ', '')));
    res.once('close', () => {
      if (asked && !res.writableFinished) this.onCut?.(asked);
    });
    const play = (raw: string) => {
      asked = readRequest(raw);
      this.requests.push(asked);
      return this.play(asked);
    };
    try {
      const isResponses = isResponsesPath(req.url);
      const { refused, isComplete } = isResponses
        ? await serveResponses(this.openAi, req, res, (messages, raw) => {
            this.openAiModels.push(messages.model);
            return play(raw);
          })
        : await serve(this.wire, req, res, (_admitted, raw) => play(raw));
      if (refused)
        this.problems.push(`${refused.status}: ${'error' in refused ? refused.error.message : refused.message}`);
      if (isComplete && asked) this.answered.set(asked.user_id, (this.answered.get(asked.user_id) ?? 0) + 1);
    } catch (error) {
      if (error instanceof ImpossibleAnswer) this.problems.push(error.message);
      res.destroy();
    }
  }

  of(userId: string): Played[] {
    return this.requests.filter((request) => request.user_id === userId);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    const problems = this.problems.splice(0);
    if (problems.length > 0) throw new Error(`The wire of the model was broken:\n${problems.join('\n')}`);
  }
}

/** The tool that a call for one value asks for, which is the only one of its request; undefined for an agent's session. */
export const askedTool = ({ body }: Played): string | undefined =>
  body.tools?.length === 1 ? body.tools[0]?.name : undefined;
