/** Fields of the Messages API that a program in a sandbox may send through the gateway. */
const fields = new Set([
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'max_tokens', 'stop_sequences', 'stream', 'metadata'],
  ...['temperature', 'top_k', 'top_p', 'thinking', 'output_config', 'output_format', 'context_management'],
  'cache_control',
]);

/** Tools that the program runs itself. The provider's own would reach the network, and cost what no price list has. */
const isOwnTool = (tool: unknown) => {
  const { type } = (tool ?? {}) as { type?: unknown };
  return (
    type === undefined ||
    type === 'custom' ||
    (typeof type === 'string' && /^(?:bash|text_editor|memory|tool_search_tool)_/.test(type))
  );
};

/** Why a request is not passed on to the provider, by its field; undefined where it is. */
export function passedRequestProblem(body: Record<string, unknown>): string | undefined {
  const unknown = Object.keys(body).find((name) => !fields.has(name));
  if (unknown) return `${unknown}: the gateway does not pass this field on. Leave it out.`;
  if (!Array.isArray(body.messages) || body.messages.length === 0) return 'messages: must be a list with a message.';
  const { max_tokens: most, tools } = body;
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1)
    return 'max_tokens: must be a whole number, at least 1.';
  if (tools !== undefined && !Array.isArray(tools)) return 'tools: must be a list.';
  const foreign = (tools ?? []).findIndex((tool) => !isOwnTool(tool));
  if (foreign >= 0)
    return `tools.${foreign}.type: tools that the provider runs are not passed on. Use tools that run in the sandbox.`;
  return undefined;
}
