import type { ContentBlockParam, ToolUnion } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { firstOf } from './refusal.ts';

/** Tools of the vendor's own. They exist on the wire, and OmoiOS sends none: no player answers for them. */
const vendorTools: Record<Exclude<NonNullable<ToolUnion['type']>, 'custom'>, true> = {
  bash_20250124: true,
  code_execution_20250522: true,
  code_execution_20250825: true,
  code_execution_20260120: true,
  code_execution_20260521: true,
  browser_toolset_20260801: true,
  memory_20250818: true,
  computer_toolset_20260801: true,
  text_editor_20250124: true,
  text_editor_20250429: true,
  text_editor_20250728: true,
  web_search_20250305: true,
  web_fetch_20250910: true,
  web_search_20260209: true,
  web_fetch_20260209: true,
  web_fetch_20260309: true,
  web_search_20260318: true,
  web_fetch_20260318: true,
  tool_search_tool_bm25: true,
  tool_search_tool_bm25_20251119: true,
  tool_search_tool_regex: true,
  tool_search_tool_regex_20251119: true,
};

/** Blocks that only an answer with such a tool has. */
type Played = 'text' | 'image' | 'document' | 'thinking' | 'redacted_thinking' | 'tool_use' | 'tool_result';
const vendorBlocks: Record<Exclude<ContentBlockParam['type'], Played>, true> = {
  search_result: true,
  server_tool_use: true,
  web_search_tool_result: true,
  web_fetch_tool_result: true,
  code_execution_tool_result: true,
  bash_code_execution_tool_result: true,
  text_editor_code_execution_tool_result: true,
  tool_search_tool_result: true,
  container_upload: true,
};

const typed = z.looseObject({ type: z.string().nullish().catch(null) });
const parts = z.looseObject({
  tools: z
    .array(typed.extend({ allowed_callers: z.unknown().optional(), defer_loading: z.unknown().optional() }))
    .catch([]),
  messages: z
    .array(z.looseObject({ content: z.array(typed.extend({ caller: z.unknown().optional() })).catch([]) }))
    .catch([]),
});
const directCaller = z.object({ type: z.literal('direct') }).nullish();
const directOnly = z.array(z.literal('direct')).nullish();

const notPlayed = 'exists on the wire, but is not played here: OmoiOS sends no tool of the vendor';

/** The first place of a body that speaks of the vendor's own tools. It is read before the form of the body. */
export function serverToolProblem(body: unknown): string | undefined {
  const { data } = parts.safeParse(body);
  if (!data) return undefined;
  const { tools, messages } = data;
  return firstOf([
    ...tools.map(({ type, allowed_callers: callers }, at) => {
      if (type && type !== 'custom')
        return Object.hasOwn(vendorTools, type)
          ? `tools.${at}.${type}: ${notPlayed}`
          : `tools.${at}: Input tag '${type}' found using 'type' does not match any of the expected tags`;
      return directOnly.safeParse(callers).success ? undefined : `tools.${at}.custom.allowed_callers: ${notPlayed}`;
    }),
    tools.length > 0 &&
      tools.every((tool) => tool.defer_loading === true) &&
      'tools: All tools have defer_loading set. At least one tool must be non-deferred.',
    ...messages.flatMap(({ content }, message) =>
      content.map(({ type, caller }, at) => {
        const place = `messages.${message}.content.${at}`;
        if (Object.hasOwn(vendorBlocks, type ?? '')) return `${place}.${type}: ${notPlayed}`;
        return directCaller.safeParse(caller).success ? undefined : `${place}.caller: ${notPlayed}`;
      }),
    ),
  ]);
}
