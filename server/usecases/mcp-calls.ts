import { callMcp } from '#activities/ports/call-mcp.ts';
import type { McpInvocation } from '#prisma/store/mcp-calls.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/mcp.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireAgent } from './mcp.ts';
import { at, iso, toPageView } from './views.ts';

/** Seconds that a request waits for the end of its call. Then it is told where to look. */
const patience = 120;

type State = 'waiting' | 'succeeded' | 'failed' | 'denied' | 'unknown';

const toAnswer = (row: McpInvocation) => ({
  id: row.id,
  correlation_id: row.correlation_id,
  state: row.state as State,
  success: row.state === 'succeeded',
  result: row.answer,
  error: row.error,
  attempts: row.attempts,
  latency_ms: row.latency_ms,
  completed_at: iso(row.ended_at),
});

const toInvocationView = (row: McpInvocation) => ({
  id: row.id,
  correlation_id: row.correlation_id,
  agent_id: row.agent_id,
  run_id: row.run_id,
  ticket_id: row.ticket_id,
  task_id: row.task_id,
  server_id: row.server_id,
  tool_name: row.tool_name,
  params_hash: row.params_hash,
  decision: row.decision as 'allow' | 'deny',
  reason: row.reason,
  state: row.state as State,
  attempts: row.attempts,
  latency_ms: row.latency_ms,
  result: row.result,
  created_at: at(row.created_at),
  ended_at: iso(row.ended_at),
});

/** Who calls: the agent of the key, where it has one. */
async function callerOf(call: Call, named: string | undefined): Promise<string> {
  const own = call.actor.place?.agent_id;
  if (own) {
    if (named && named.toLowerCase() !== own)
      throw new AppError(
        'forbidden',
        `The key belongs to the agent ${own}, and calls as no other. Leave agent_id out.`,
      );
    return own;
  }
  if (!named)
    throw new AppError('invalid_body', 'agent_id is needed: the agent that calls.', [
      { field: 'agent_id', message: 'is needed without the key of an agent' },
    ]);
  await requireAgent(call, named);
  return named.toLowerCase();
}

/** MCP-04. */
export async function invokeTool(call: Call, input: Body<typeof contracts.invokeTool>) {
  const { services, organization_id } = call;
  const { store } = services;
  const agent_id = await callerOf(call, input.agent_id);
  const [ticket, task] = await Promise.all([
    input.ticket_id ? store.tickets.get(organization_id, input.ticket_id) : null,
    input.task_id ? store.tasks.get(organization_id, input.task_id) : null,
  ]);
  const row = await callMcp(
    services,
    {
      ...{ id: call.newId('mcp_invocation'), organization_id, agent_id },
      ...{ correlation_id: input.correlation_id, server_id: input.server_id, tool_name: input.tool_name },
      ...{ params: input.params, idempotency_key: input.idempotency_key ?? null, reads_only: false },
      ...{ run_id: null, ticket_id: ticket?.id ?? task?.ticket_id ?? null, task_id: task?.id ?? null },
      project_id: (task ?? ticket)?.project_id ?? null,
    },
    { seconds: patience },
  );
  return toAnswer(row);
}

export const listInvocations = async (
  { services, organization_id }: Call,
  { agent_id, server_id, tool_name, state, ...page }: Query<typeof contracts.listInvocations>,
) =>
  toPageView(
    await services.store.mcpCalls.list(organization_id, { agent_id, server_id, tool_name, state }, page),
    toInvocationView,
  );

export async function getInvocation({ services, organization_id }: Call, id: string) {
  const row = await services.store.mcpCalls.get(organization_id, id);
  return { ...toInvocationView(row), answer: toAnswer(row) };
}

/** MCP-06, MCP-07. */
export async function listBreakers({ services, organization_id }: Call) {
  const rows = await services.store.mcpCalls.breakers(organization_id);
  return { items: rows.map((row) => ({ ...row, opened_at: iso(row.opened_at) })) };
}
