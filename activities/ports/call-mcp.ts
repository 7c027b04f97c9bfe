import { AppError } from '#workflows/domain/errors.ts';
import { hostProblem } from '#workflows/domain/mcp/hosts.ts';
import { saysItChanges, tokenMinutes, withoutSecrets } from '#workflows/domain/mcp/rules.ts';
import type { AllowedTool, ServedTool } from '#prisma/store/mcp.ts';
import type { McpInvocation } from '#prisma/store/mcp-calls.ts';
import type { Services } from './services.ts';

/** A call of a foreign tool, as somebody wants it. */
export interface McpOrder {
  /** A repeated order with the same id is one. */
  id: string;
  organization_id: string;
  project_id: string | null;
  /** A registered agent, or a project for the agents that the platform runs there itself. */
  agent_id: string;
  correlation_id: string;
  run_id: string | null;
  ticket_id: string | null;
  task_id: string | null;
  server_id: string;
  tool_name: string;
  params: Record<string, unknown>;
  idempotency_key: string | null;
  /** The caller may change nothing. */
  reads_only: boolean;
}

type Asked = Pick<McpOrder, 'organization_id' | 'agent_id' | 'server_id' | 'tool_name' | 'reads_only'>;

/** Context under which the parameters of a call are encrypted. */
export const paramsContext = (invocationId: string): string => `mcp:${invocationId}`;

/** Whose policies hold for a run. */
export const agentOfRun = (run: { agent_id: string | null; project_id: string }): string =>
  run.agent_id ?? run.project_id;

/** Why a tool is not called at all now, whoever asks; undefined where it is. */
export function outOfService({ enabled, listed, name, server }: ServedTool): string | undefined {
  if (!server.enabled) return `The server ${server.server_id} is disabled. ${server.disabled_reason ?? ''}`.trim();
  if (!server.connection_url) return `The server ${server.server_id} has no connection_url. Register it with one.`;
  if (!listed) return `The newest registration of ${server.server_id} names ${name} no longer.`;
  return enabled ? undefined : `The tool ${name} of ${server.server_id} is disabled.`;
}

const grantAgain = 'An administrator can allow it by POST /mcp/policies/grant.';

/** Why a policy does not hold now (MCP-03); undefined where it does. */
export function policyProblem({ tool, ...policy }: AllowedTool, now = new Date()): string | undefined {
  const name = `${tool.server.server_id}/${tool.name}`;
  if (policy.expires_at && policy.expires_at <= now) return `The policy for ${name} has expired. ${grantAgain}`;
  if (policy.tool_hash !== tool.hash)
    return `The description or the schema of ${name} changed since it was allowed. ${grantAgain}`;
  const needed = tool.read_only ? 'read' : 'write';
  if (!policy.actions.includes(needed))
    return `The policy for ${name} does not have the action ${needed}, which it takes. ${grantAgain}`;
  if (saysItChanges(tool.name) && !(policy.token && policy.token.expires_at > now))
    return `${name} changes things by its name, so a grant lets it be called for ${tokenMinutes} minutes, which are over. ${grantAgain}`;
  return undefined;
}

/** Whether a call may be made now: found, enabled, authorized, parameters valid. Each call is judged anew, by the rows. */
export async function judgeCall(
  { store, mcp }: Pick<Services, 'store' | 'mcp'>,
  { organization_id, agent_id, server_id, tool_name, reads_only }: Asked,
  params: Record<string, unknown>,
): Promise<{ tool: ServedTool; refusal?: undefined } | { tool: ServedTool | null; refusal: string }> {
  const tool = await store.mcp.findTool(organization_id, server_id, tool_name);
  if (!tool) return { tool, refusal: `There is no tool ${tool_name} of a server ${server_id}.` };
  const policy = await store.mcp.policy(organization_id, agent_id, tool.id);
  // Whoever has no policy learns nothing about the server.
  if (!policy) return { tool, refusal: `No policy lets this agent call ${server_id}/${tool_name}. ${grantAgain}` };
  const { settings } = await store.identity.organization(organization_id);
  const url = tool.server.connection_url;
  const refusal = outOfService(tool) ?? (url ? hostProblem(settings, url) : undefined) ?? policyProblem(policy);
  if (refusal) return { tool, refusal };
  if (reads_only && !tool.read_only)
    return { tool, refusal: `This run changes nothing, and ${server_id}/${tool_name} is not marked as reading only.` };
  const problem = mcp.paramsProblem(tool.schema, params);
  return problem ? { tool, refusal: `The parameters do not fit the schema: ${problem}.` } : { tool };
}

/**
 * Makes a call of a foreign tool (MCP-04): refused, or stored, made by a workflow of its own, and waited for. Each order
 * is on record.
 * @returns the call; its state is `waiting` where it has not ended after these seconds.
 * @throws conflict where the idempotency key was used with other parameters.
 */
export async function callMcp(
  services: Pick<Services, 'store' | 'mcp' | 'secrets' | 'workflows'>,
  { params, ...order }: McpOrder,
  wait: { seconds: number; signal?: AbortSignal },
): Promise<McpInvocation> {
  const { store, mcp, secrets, workflows } = services;
  const { organization_id, agent_id, server_id, tool_name, idempotency_key: key } = order;
  const { tool, refusal } = await judgeCall(services, order, params);
  const params_hash = mcp.digest(withoutSecrets(params));
  const sealed = refusal === undefined ? secrets.seal(JSON.stringify(params), paramsContext(order.id)) : undefined;
  const row = await store.mcpCalls.accept(
    {
      ...order,
      tool_id: tool?.id ?? null,
      params_hash,
      repeat_key: key === null ? null : mcp.digest([organization_id, agent_id, server_id, tool_name, key]),
      key_id: sealed?.key_id ?? null,
      sealed_params: sealed?.sealed ?? null,
    },
    refusal,
  );
  if (row.params_hash !== params_hash)
    throw new AppError(
      'conflict',
      'This idempotency_key was used with other parameters within the last hour. Use another one.',
    );
  if (row.state !== 'waiting') return row;
  await workflows.callMcp({ organization_id, invocation_id: row.id }, wait.seconds, wait.signal);
  return store.mcpCalls.get(organization_id, row.id);
}
