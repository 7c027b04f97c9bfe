import type { StrictRequest } from './request.ts';
import { firstOf, type Rule } from './refusal.ts';

/** Betas of the wire, each with the place of its field; '' where this provider does not play the field. */
const betas: Record<string, (request: StrictRequest) => string | undefined> = {
  'thinking-binding-controls-2026-08-01': ({ body: { thinking } }) =>
    thinking?.type === 'adaptive' && thinking.block_binding ? 'thinking.adaptive.block_binding' : undefined,
  'mid-conversation-system-clear-at-2026-08-21': ({ body: { messages } }) => {
    const at = messages.findIndex((message) => message.clear_at !== undefined);
    return at < 0 ? undefined : `messages.${at}.clear_at`;
  },
  'context-management-2025-06-27': ({ body }) => (body.context_management ? 'context_management' : undefined),
  'server-side-fallback-2026-07-01': ({ body }) => (body.fallbacks ? 'fallbacks' : undefined),
  // Of the Claude Agent SDK: its own name, and two that every model has by now.
  'claude-code-20250219': () => undefined,
  'interleaved-thinking-2025-05-14': () => undefined,
  'effort-2025-11-24': () => undefined,
  'thinking-display-updates-2026-08-18': () => undefined,
  'thinking-token-count-2026-05-13': () => undefined,
  'mid-conversation-output-config-2026-07-01': () => undefined,
  'mid-conversation-tool-changes-2026-07-01': () => undefined,
  'compact-2026-01-12': () => undefined,
  'compact-2026-09-04': () => undefined,
  'task-budgets-2026-03-13': () => undefined,
  'message-threads-2026-08-12': () => undefined,
};

export const betaRules: Rule[] = [
  {
    name: 'unknown beta',
    check: ({ betas: sent }) => {
      const unknown = sent.filter((name) => !Object.hasOwn(betas, name));
      return unknown.length > 0
        ? `Unexpected value(s) \`${unknown.join('`, `')}\` for the \`anthropic-beta\` header.`
        : undefined;
    },
  },
  {
    name: 'beta field without its header',
    check: (request) =>
      firstOf(
        Object.entries(betas).map(([name, fieldOf]) => {
          const field = request.betas.includes(name) ? undefined : fieldOf(request);
          return field && `${field}: Extra inputs are not permitted`;
        }),
      ),
  },
  {
    name: 'display of updates',
    check: ({ body: { thinking }, betas: sent }) =>
      thinking &&
      'display' in thinking &&
      thinking.display === 'updates' &&
      !sent.includes('thinking-display-updates-2026-08-18')
        ? "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"
        : undefined,
  },
];
