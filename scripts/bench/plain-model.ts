import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { streamEvents } from '#activities/adapters/model/strict/stream.ts';
import { readRequest, type ToolUse } from '#tests/support/played-model.ts';
import { answerValue } from '#tests/support/scripts.ts';

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Answers agents without reading more of a request than who asks. A model that checks its wire would take more processor
 * time than what is measured beside it.
 */
export const plainModel = (callOf: (agent: string) => Promise<ToolUse>) =>
  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const raw = await bodyOf(req);
      const agent = /"user_id":"((?:run:|bench-)[^"]+)"/.exec(raw)?.[1];
      const value = agent === undefined ? answerValue(readRequest(raw)) : undefined;
      const tools = agent === undefined ? (value && 'tools' in value && value.tools) || [] : [await callOf(agent)];
      const id = () => randomBytes(12).toString('hex');
      const message = {
        id: `msg_${id()}`,
        model: 'claude-sonnet-5-5',
        content: tools.map(({ name, input }) => ({ type: 'tool_use' as const, id: `toolu_${id()}`, name, input })),
        stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
        stop_details: null,
        usage: { input_tokens: 1000, output_tokens: 10, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      };
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of streamEvents(message, () => true))
        res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      res.end();
    } catch {
      res.destroy();
    }
  };
