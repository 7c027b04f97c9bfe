import { blocksOf, type Block, type Message } from './request.ts';
import { firstOf, type Rule } from './refusal.ts';

/** Refusals that depend on the order and the content of the messages. */
const uses = (message: Message | undefined) =>
  message?.role === 'assistant' ? blocksOf(message).flatMap((b) => (b.type === 'tool_use' ? [b.id] : [])) : [];
const isResult = (block: Block) => block.type === 'tool_result';
const isEmptyText = (block: Block) => block.type === 'text' && block.text.trim() === '';

export const conversationRules: Rule[] = [
  {
    name: 'first message',
    check: ({ body: { messages } }) => {
      if (messages.length === 0) return 'messages: at least one message is required';
      if (messages[0]?.role === 'system')
        return "messages.0: the first message can't have the role 'system'; use the top-level 'system' parameter.";
      return messages[0]?.role === 'user' ? undefined : 'messages: first message must use the "user" role';
    },
  },
  {
    name: 'system message',
    check: ({ body: { messages } }, { system_messages }) =>
      firstOf(
        messages.map((message, at) => {
          if (message.role !== 'system') return undefined;
          if (!system_messages) return "role 'system' is not supported on this model";
          const after = messages[at + 1];
          return messages[at - 1]?.role === 'user' && (!after || after.role === 'assistant')
            ? undefined
            : `messages.${at}: a system message must follow a user message and be last or before an assistant message`;
        }),
      ),
  },
  {
    name: 'message content',
    check: ({ body: { messages } }) =>
      firstOf(
        messages.map(
          (message, at) =>
            blocksOf(message).length === 0 &&
            !(message.role === 'assistant' && at === messages.length - 1) &&
            `messages.${at}: all messages must have non-empty content except for the optional final assistant message`,
        ),
      ),
  },
  {
    name: 'empty text',
    check: ({ body: { messages, system } }) =>
      firstOf([
        Array.isArray(system) && system.some(isEmptyText) && 'system: text content blocks must be non-empty',
        ...messages.map(
          (message, at) =>
            blocksOf(message).some(
              (block) =>
                isEmptyText(block) ||
                (block.type === 'tool_result' && Array.isArray(block.content) && block.content.some(isEmptyText)),
            ) && `messages.${at}: text content blocks must be non-empty`,
        ),
      ]),
  },
  {
    name: 'results of calls',
    check: ({ body: { messages } }) =>
      firstOf(
        messages.map((message, at) => {
          const next = messages[at + 1];
          const results = next
            ? blocksOf(next)
                .filter(isResult)
                .map((block) => ('tool_use_id' in block ? block.tool_use_id : ''))
            : [];
          const open = at < messages.length - 1 ? uses(message).filter((id) => !results.includes(id)) : [];
          // A last assistant message with open calls is refused as a prefill.
          return (
            open.length > 0 &&
            `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}.`
          );
        }),
      ),
  },
  {
    name: 'order of results',
    check: ({ body: { messages } }) =>
      firstOf(
        messages.map((message, at) => {
          const kinds = blocksOf(message).map(isResult);
          return (
            kinds.lastIndexOf(true) > kinds.indexOf(false) &&
            kinds.includes(false) &&
            `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: results must come first.`
          );
        }),
      ),
  },
  {
    name: 'result without call',
    check: ({ body: { messages } }) =>
      firstOf(
        messages.map((message, at) => {
          const known = uses(messages[at - 1]);
          const results = blocksOf(message).flatMap((b) => (b.type === 'tool_result' ? [b.tool_use_id] : []));
          const foreign = results.find((id, n) => !known.includes(id) || results.indexOf(id) !== n);
          return (
            foreign !== undefined &&
            `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${foreign}`
          );
        }),
      ),
  },
  {
    name: 'unique ids',
    check: ({ body: { messages } }) => {
      const ids = messages.flatMap(uses);
      return new Set(ids).size < ids.length ? 'messages: `tool_use` ids must be unique' : undefined;
    },
  },
  {
    name: 'documents',
    check: ({ body: { messages } }) =>
      firstOf(
        messages.flatMap((message, at) =>
          blocksOf(message).map((block) =>
            message.role === 'assistant' && block.type === 'document'
              ? `messages.${at}: document blocks are not permitted in assistant messages`
              : message.role === 'user' &&
                block.type === 'text' &&
                (block.citations?.length ?? 0) > 0 &&
                `messages.${at}: citations are not permitted on text of user messages`,
          ),
        ),
      ),
  },
];
