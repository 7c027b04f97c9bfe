import type { ModelRequest, ModelResponse } from '../../ports/model.ts';

type Block = { type?: unknown; id?: unknown };

/** A provider refuses an id that a conversation has twice, so a call that repeats an id gets one of its own. */
export function withUniqueIds(response: ModelResponse, messages: ModelRequest['messages']): ModelResponse {
  const used = new Set(
    messages.flatMap(({ content }) =>
      content.flatMap((block) => {
        const { type, id } = block as Block;
        return type === 'tool_use' ? [id] : [];
      }),
    ),
  );
  const content = response.content.map((block) => {
    if (block.type !== 'tool_use') return block;
    const given = String(block.id || 'call');
    let id = given;
    for (let n = 2; used.has(id); n += 1) id = `${given}_${n}`;
    used.add(id);
    return id === block.id ? block : { ...block, id };
  });
  return { ...response, content };
}
