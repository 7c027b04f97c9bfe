import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

export interface ServedTool {
  name: string;
  description: string;
  inputSchema: { type: 'object'; properties?: Record<string, object>; required?: string[] };
}

/** What a server does with a call: it counts it, and then answers, fails, or misbehaves. */
export type Deed =
  | { text: string; is_error?: boolean }
  | { status: number }
  /** Never answers. */
  | 'hang'
  /** Takes the call and ends the connection. */
  | 'drop'
  /** Answers without end. */
  | 'flood'
  /** Answers something else than the protocol says. */
  | 'lie';

interface SeenCall {
  name: string;
  params: Record<string, unknown>;
  authorization: string | undefined;
}

interface Message {
  id?: number;
  method?: string;
  params?: { name?: string; arguments?: Record<string, unknown> };
}

/** A server of tools of the protocol's own package, that counts its calls and misbehaves on order. */
export class PlayedMcpServer {
  /** Calls that reached it, also those that it did not answer. */
  readonly calls: SeenCall[] = [];
  /** For the next calls; then it says what it was called with. */
  readonly deeds: Deed[] = [];
  /** Requests for the list that it leaves without an answer. */
  heldLists = 0;
  private readonly held: ServerResponse[] = [];

  private constructor(
    private readonly http: HttpServer,
    readonly url: string,
    /** As it lists them now: a test can change them. */
    public tools: ServedTool[],
  ) {}

  static async start(tools: ServedTool[], port = 0): Promise<PlayedMcpServer> {
    const http = createServer((request, response) => void server.answer(request, response)).listen(port, 'localhost');
    await once(http, 'listening');
    const address = http.address() as AddressInfo;
    const server: PlayedMcpServer = new PlayedMcpServer(http, `http://localhost:${address.port}/mcp`, tools);
    return server;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  /** Ends the connections of calls that it never answers. */
  release(): void {
    for (const response of this.held.splice(0)) response.destroy();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message = (await json(request)) as Message;
    if (message.method === 'tools/call') {
      const { name = '', arguments: params = {} } = message.params ?? {};
      this.calls.push({ name, params, authorization: request.headers.authorization });
      const deed = this.deeds.shift() ?? { text: `${name} ${JSON.stringify(params)}` };
      if (deed === 'hang') return void this.held.push(response);
      if (deed === 'drop') return void response.destroy();
      if (deed === 'flood') return this.flood(response);
      if (deed === 'lie')
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content: 'all went well' } }));
      if ('status' in deed) return void response.writeHead(deed.status).end();
      return this.serve(request, response, message, deed);
    }
    if (message.method === 'tools/list' && this.heldLists > 0) {
      this.heldLists -= 1;
      return void this.held.push(response);
    }
    await this.serve(request, response, message, { text: '' });
  }

  private flood(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const note = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(10_000) } })}\n\n`;
    const more = () => {
      while (!response.destroyed && response.write(note));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    message: Message,
    { text, is_error }: { text: string; is_error?: boolean },
  ): Promise<void> {
    const server = new Server({ name: 'played', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: this.tools }));
    server.setRequestHandler(CallToolRequestSchema, () => ({
      content: [{ type: 'text', text }],
      ...(is_error ? { isError: true } : {}),
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    response.once('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, message);
  }
}

/** A tool with one text parameter. */
export const toolNamed = (name: string, description: string): ServedTool => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { text: { type: 'string', maxLength: 100 } }, required: ['text'] },
});
