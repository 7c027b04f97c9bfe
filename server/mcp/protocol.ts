/** The one module that knows the library of the Model Context Protocol. */
import type { Request, Response } from 'express';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { version } from '#activities/services/version.ts';

/** A tool as a client sees it. */
export interface OfferedTool {
  name: string;
  description: string;
  /** JSON Schema of its arguments, which are an object. */
  inputSchema: { type: 'object'; [key: string]: unknown };
  annotations: { readOnlyHint: boolean; destructiveHint: boolean; openWorldHint: boolean };
}

interface Outcome {
  text: string;
  failed: boolean;
}

export interface Offer {
  instructions: string;
  tools: readonly OfferedTool[];
  /** Undefined where there is no such tool. An error is an outcome, so it never rejects. */
  call(name: string, input: Record<string, unknown>): Promise<Outcome> | undefined;
}

/**
 * Answers one HTTP request of the protocol, as JSON. Nothing is kept between two requests, so any process may answer any
 * of them.
 */
export async function answerRequest(req: Request, res: Response, offer: Offer): Promise<void> {
  const { server } = new McpServer(
    { name: 'omoios', title: 'OmoiOS', version },
    { capabilities: { tools: {} }, instructions: offer.instructions },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...offer.tools] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const outcome = await offer.call(params.name, params.arguments ?? {});
    if (!outcome)
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name}. List them: tools/list.`);
    return { content: [{ type: 'text', text: outcome.text }], isError: outcome.failed };
  });
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  res.on('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
}
