import { createHash } from 'node:crypto';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { callSeconds, canonicalJson } from '#workflows/domain/mcp/rules.ts';
import { storableText } from '#workflows/domain/text.ts';
import { McpFailure, type ListedTool, type McpAddress, type McpPort } from '../../ports/mcp.ts';
import type { Outgoing } from '../../ports/outgoing.ts';
import { timeLimit } from '../../support/time-limit.ts';
import { toFailure } from './failures.ts';
import { createSchemas } from './schemas.ts';

/** Bytes of one answer, after it is decompressed. */
const maxBytes = 1_000_000;
/** Tools of a server. */
const mostTools = 1000;

const interrupted = { passes: true, may_have_run: true, counts: false };

type Result = ReturnType<typeof CallToolResultSchema.parse>;

interface McpOptions {
  outgoing: Outgoing;
  /** Of this application, which servers are told. */
  version: string;
  /** That a connection may take. */
  seconds?: number;
}

/** The only module that knows the package of the protocol on this side. */
export function createMcp({ outgoing, version, seconds = callSeconds }: McpOptions): McpPort {
  async function open({ url, token }: McpAddress, outer?: AbortSignal) {
    const limit = timeLimit(seconds * 1000, outer);
    const call = outgoing.within({ max_bytes: maxBytes, timeout: seconds });
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      // Nothing is heard but answers: a stream for messages of the server is not opened.
      fetch: (input, init) =>
        init?.method === 'GET' ? Promise.resolve(new Response(null, { status: 405 })) : call(input, init),
      requestInit: token ? { headers: { authorization: `Bearer ${token}` } } : undefined,
      // Whether a call is made again is decided elsewhere.
      reconnectionOptions: {
        ...{ initialReconnectionDelay: 1000, maxReconnectionDelay: 1000 },
        ...{ reconnectionDelayGrowFactor: 1, maxRetries: 0 },
      },
    });
    // It offers the server nothing: no model, no questions to people, no folders.
    const client = new Client({ name: 'omoios', version });
    const broken = new Promise<never>((_resolve, reject) => {
      client.onerror = reject;
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason as Error), { once: true });
    });
    broken.catch(() => undefined);
    const guarded = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await Promise.race([work, broken]);
      } catch (error) {
        work.catch(() => undefined);
        throw outer?.aborted
          ? new McpFailure('The process that made the call was told to end.', interrupted, error)
          : toFailure(error, seconds);
      }
    };
    const options = { signal: limit.signal, timeout: seconds * 1000 };
    const close = async () => {
      limit.end();
      await client.close().catch(() => undefined);
    };
    try {
      await guarded(client.connect(transport, options));
    } catch (error) {
      await close();
      throw error;
    }

    async function tools(): Promise<ListedTool[]> {
      const listed: ListedTool[] = [];
      for (let cursor: string | undefined; ;) {
        const request = { method: 'tools/list' as const, params: cursor === undefined ? {} : { cursor } };
        // Not `listTools`, which compiles schemas of the server that nobody needs here.
        const page = await guarded(client.request(request, ListToolsResultSchema, options));
        for (const { name, description = '', inputSchema } of page.tools)
          listed.push({ name, description: storableText(description), schema: inputSchema });
        cursor = page.nextCursor;
        if (cursor === undefined) return listed;
        if (listed.length > mostTools || page.tools.length === 0)
          throw new McpFailure(`The server lists more than ${mostTools} tools, or lists them without end.`, {
            ...{ passes: false, may_have_run: false, counts: true },
          });
      }
    }

    return {
      tools,
      call: async (name: string, params: Record<string, unknown>) => {
        const request = { method: 'tools/call' as const, params: { name, arguments: params } };
        const result = await guarded(client.request(request, CallToolResultSchema, options));
        return { text: storableText(textOf(result)), is_error: result.isError === true };
      },
      close: () => {
        // A courtesy to servers that keep sessions. Nobody waits for it.
        const told = transport.sessionId ? guarded(transport.terminateSession()) : Promise.resolve();
        void told.catch(() => undefined).then(close);
      },
    };
  }
  return {
    open,
    digest: (value) => createHash('sha256').update(canonicalJson(value)).digest('hex'),
    ...createSchemas(),
  };
}

function textOf({ content, structuredContent }: Result): string {
  const parts = content.map((block) => {
    if (block.type === 'text') return block.text;
    if (block.type === 'resource' && 'text' in block.resource) return block.resource.text;
    if (block.type === 'resource_link') return `[link: ${block.uri}]`;
    return `[${block.type}: not shown]`;
  });
  return parts.length === 0 && structuredContent ? JSON.stringify(structuredContent) : parts.join('\n');
}
