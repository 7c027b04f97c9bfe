import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';
import { client } from './play-session.ts';

/** Asks for one value, as the platform does: one tool, which the prompt names. */
export async function ask(
  url: string,
  kind: ContextFields['kind'],
  tool: string,
  prompt: string,
  fields: Partial<ContextFields> = {},
): Promise<Record<string, unknown>> {
  const answer = await client(url).messages.create({
    model: 'claude-haiku-5-5',
    max_tokens: 2000,
    tools: [{ name: tool, input_schema: { type: 'object' } }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    metadata: { user_id: `${kind}:1` },
    messages: [
      { role: 'user', content: [{ type: 'text', text: `${contextBlock({ ...fields, kind })}\n\n${prompt}` }] },
    ],
  });
  const [use] = answer.content.filter((block): block is ToolUseBlock => block.type === 'tool_use');
  expect(answer.stop_reason).toBe('tool_use');
  expect(use?.name).toBe(tool);
  return use?.input as Record<string, unknown>;
}
