import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  | {
      text?: string;
      tools?: ToolUse[];
      stop_reason?: string;
      stop_details?: object;
      thinking?: { thinking: string; signature: string };
      usage?: Partial<Usage>;
      delay_ms?: number;
      raw_inputs?: string[];
    }
  /** An error answer of the provider. */
  | { status: number; error: { type: string; message: string }; headers?: Record<string, string> }
  /** A fault of the connection. */
  | { hang: true }
  | { cut_after_events: number; text?: string; tools?: ToolUse[] };

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

function readRequest(raw: string): Played {
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

function* events(reply: Extract<Reply, { stop_reason?: string }>, request: Played): Generator<[string, object]> {
  const usage = {
    input_tokens: 12,
    output_tokens: 1,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: Math.ceil(request.raw.length / 4),
    ...reply.usage,
  };
  yield [
    'message_start',
    {
      type: 'message_start',
      message: {
        id: `msg_${Math.random().toString(36).slice(2)}`,
        type: 'message',
        role: 'assistant',
        model: request.body.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage,
      },
    },
  ];
  let index = 0;
  if (reply.thinking) {
    yield [
      'content_block_start',
      { type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } },
    ];
    yield [
      'content_block_delta',
      { type: 'content_block_delta', index, delta: { type: 'thinking_delta', thinking: reply.thinking.thinking } },
    ];
    yield [
      'content_block_delta',
      { type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: reply.thinking.signature } },
    ];
    yield ['content_block_stop', { type: 'content_block_stop', index }];
    index += 1;
  }
  if (reply.text) {
    yield ['content_block_start', { type: 'content_block_start', index, content_block: { type: 'text', text: '' } }];
    yield [
      'content_block_delta',
      { type: 'content_block_delta', index, delta: { type: 'text_delta', text: reply.text } },
    ];
    yield ['content_block_stop', { type: 'content_block_stop', index }];
    index += 1;
  }
  for (const [i, tool] of (reply.tools ?? []).entries()) {
    const id = tool.id ?? `toolu_${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
    yield [
      'content_block_start',
      { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name: tool.name, input: {} } },
    ];
    const json = reply.raw_inputs?.[i] ?? JSON.stringify(tool.input);
    const half = Math.ceil(json.length / 2);
    for (const part of [json.slice(0, half), json.slice(half)])
      yield [
        'content_block_delta',
        { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: part } },
      ];
    yield ['content_block_stop', { type: 'content_block_stop', index }];
    index += 1;
  }
  yield [
    'message_delta',
    {
      type: 'message_delta',
      delta: {
        stop_reason: reply.stop_reason ?? (reply.tools?.length ? 'tool_use' : 'end_turn'),
        stop_sequence: null,
        ...(reply.stop_details ? { stop_details: reply.stop_details } : {}),
      },
      usage: { output_tokens: reply.usage?.output_tokens ?? 20 },
    },
  ];
  yield ['message_stop', { type: 'message_stop' }];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A model server with Anthropic's interface that a test controls. It stores every request. `answered` counts the
 * completely answered turns by session, which are the turns that cost money.
 */
export class PlayedModel {
  readonly requests: Played[] = [];
  readonly answered = new Map<string, number>();
  private server?: Server;
  url = '';

  constructor(public script: Script) {}

  async start(port = 0): Promise<this> {
    const server = createServer((req, res) => {
      let raw = '';
      req
        .setEncoding('utf8')
        .on('data', (chunk: string) => (raw += chunk))
        .on('end', () => void this.answer(raw, req, res));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  private async answer(raw: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = readRequest(raw);
    this.requests.push(request);
    let reply: Reply;
    try {
      reply = await this.script(request);
    } catch (error) {
      reply = {
        status: 400,
        error: { type: 'invalid_request_error', message: `the test's script failed: ${(error as Error).stack}` },
      };
    }
    if ('hang' in reply) return;
    if ('status' in reply) {
      res.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      res.end(JSON.stringify({ type: 'error', error: reply.error }));
      return;
    }
    if ('delay_ms' in reply && reply.delay_ms) await sleep(reply.delay_ms);
    if (req.socket.destroyed) return;
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    let n = 0;
    for (const [name, data] of events(reply, request)) {
      if ('cut_after_events' in reply && n >= reply.cut_after_events) {
        // The bytes written so far must reach the reader before the connection is cut.
        await sleep(30);
        res.destroy();
        return;
      }
      res.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      n += 1;
    }
    res.end();
    this.answered.set(request.user_id, (this.answered.get(request.user_id) ?? 0) + 1);
  }

  of(userId: string): Played[] {
    return this.requests.filter((request) => request.user_id === userId);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }
}

/** The tool that a call for one value asks for, which is the only one of its request; undefined for an agent's session. */
export const askedTool = ({ body }: Played): string | undefined =>
  body.tools?.length === 1 ? body.tools[0]?.name : undefined;
