import { z } from 'zod';

const text = z.string();
/** Kept for the audit trail; `by` is the e-mail address of a person. */
const audited = <S extends z.ZodRawShape>(shape: S) => ({ data: z.looseObject(shape), consumers: ['audit' as const] });
const policy = { agent_id: text, server_id: text, tool: text, by: text };
const call = {
  invocation_id: text,
  correlation_id: text,
  agent_id: text,
  server_id: text,
  tool: text,
  attempts: z.number().int(),
};

/** Foreign servers of tools, what agents may call there, and the calls. */
export const mcpEvents = {
  'mcp.server.registered': audited({ server_id: text, version: text, tools: z.array(text), by: text }),
  'mcp.server.removed': audited({ server_id: text, by: text }),
  'mcp.tool.marked': audited({ server_id: text, tool: text, marks: z.record(text, z.unknown()), by: text }),
  'mcp.policy.granted': audited({ ...policy, actions: z.array(text), expires_at: text.nullable() }),
  'mcp.policy.revoked': audited(policy),
  'mcp.invocation.completed': audited(call),
  /** Also a call that was refused, and one of which nobody knows whether it happened. */
  'mcp.invocation.failed': audited({ ...call, state: text, error: text }),
};
