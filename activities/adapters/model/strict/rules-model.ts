import type { Rule } from './refusal.ts';

/** Refusals that depend on the features of the model: thinking, effort, forced tools, output, prefill. */
const isOld = (id: string) => /-4-5(-|$)/.test(id);
/** Models that stop thinking only up to the effort high. */
const limited = ['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-opus-5'];
const setsThinkingOff = (type: string | undefined) => type === 'disabled' || type === 'between_tools';

export const modelRules: Rule[] = [
  {
    name: 'forced tools',
    check: ({ body: { tool_choice } }, { forced_tools }) =>
      !forced_tools && (tool_choice?.type === 'any' || tool_choice?.type === 'tool')
        ? 'tool_choice: type "tool" and "any" are not supported for this model.'
        : undefined,
  },
  {
    name: 'thinking kind',
    check: ({ body: { thinking } }, model) => {
      if (!thinking || model.thinking.includes(thinking.type)) return undefined;
      if (thinking.type === 'adaptive') return 'adaptive thinking is not supported on this model';
      const said = `"thinking.type.${thinking.type}" is not supported for this model.`;
      return thinking.type === 'disabled' && model.thinking.includes('between_tools')
        ? `${said} To turn thinking off on this model, send {"type": "between_tools"}.`
        : said;
    },
  },
  {
    name: 'effort without thinking',
    check: ({ body: { thinking, output_config } }, model) => {
      const effort = output_config?.effort;
      const high = effort === 'xhigh' || effort === 'max';
      return high && limited.includes(model.id) && setsThinkingOff(thinking?.type)
        ? `output_config.effort '${effort}' is not supported when thinking is disabled`
        : undefined;
    },
  },
  {
    name: 'effort',
    check: ({ body: { output_config } }, { efforts }) => {
      const effort = output_config?.effort;
      if (!effort || efforts.includes(effort)) return undefined;
      return efforts.length === 0
        ? 'This model does not support the effort parameter.'
        : `This model does not support effort level '${effort}'.`;
    },
  },
  {
    name: 'thinking budget',
    check: ({ body: { thinking, max_tokens } }) =>
      thinking?.type === 'enabled' && thinking.budget_tokens >= max_tokens
        ? '`max_tokens` must be greater than `thinking.budget_tokens`.'
        : undefined,
  },
  {
    name: 'prefill',
    check: ({ body: { messages } }, { id }) =>
      messages.at(-1)?.role === 'assistant' && !isOld(id)
        ? 'This model does not support assistant message prefill. The conversation must end with a user message.'
        : undefined,
  },
  {
    name: 'max_tokens',
    check: ({ body: { max_tokens } }, { max_output, id }) =>
      max_tokens > max_output
        ? `max_tokens: ${max_tokens} > ${max_output}, which is the maximum allowed number of output tokens for ${id}`
        : undefined,
  },
];
