import { policyProblem } from '#activities/ports/call-mcp.ts';
import { McpFailure } from '#activities/ports/mcp.ts';
import { keyContext } from '#activities/ports/secrets.ts';
import type { AllowedTool, McpServer, ServedTool } from '#prisma/store/mcp.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { hostProblem } from '#workflows/domain/mcp/hosts.ts';
import { hidesText, versionProblem, type McpAction } from '#workflows/domain/mcp/rules.ts';
import type * as contracts from '../contracts/mcp.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, iso } from './views.ts';

type Registration = Body<typeof contracts.registerServer>;
type NamedTool = NonNullable<Registration['tools']>[number];

const toServerView = (row: McpServer) => ({
  server_id: row.server_id,
  version: row.version,
  capabilities: row.capabilities,
  connection_url: row.connection_url,
  metadata: row.metadata as Record<string, unknown>,
  status: row.enabled ? ('enabled' as const) : ('disabled' as const),
  reason: row.disabled_reason,
  has_token: row.credential_id !== null,
  registered_by: row.registered_by,
  created_at: at(row.created_at),
  updated_at: at(row.updated_at),
});

const toToolView = (row: ServedTool) => ({
  server_id: row.server.server_id,
  name: row.name,
  version: row.version,
  description: row.description,
  schema: row.schema as Record<string, unknown>,
  enabled: row.enabled && row.listed && row.server.enabled,
  read_only: row.read_only,
  idempotent: row.idempotent,
  key_param: row.key_param,
  updated_at: at(row.updated_at),
});

const toPolicyView = (row: AllowedTool) => ({
  agent_id: row.agent_id,
  server_id: row.tool.server.server_id,
  tool_name: row.tool.name,
  actions: row.actions as McpAction[],
  expires_at: iso(row.expires_at),
  token_expires_at: iso(row.token?.expires_at ?? null),
  granted_by: row.granted_by,
  granted_at: at(row.updated_at),
  problem: policyProblem(row) ?? null,
});

/** @throws not_found where the organization has neither a registered agent nor a project of this id. */
export async function requireAgent({ services, organization_id }: Call, id: string): Promise<void> {
  const { agents, projects } = services.store;
  const absent = (error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') return null;
    throw error;
  };
  const [agent, project] = await Promise.all([
    agents.get(organization_id, id).catch(absent),
    projects.get(organization_id, id).catch(absent),
  ]);
  if (!agent && !project) throw notFound('agent');
}

const wellNamed = /^[A-Za-z0-9_.-]{1,128}$/;

function toolProblem({ mcp }: Call['services'], tool: NamedTool, earlier: NamedTool[]): string | undefined {
  if (!wellNamed.test(tool.name)) return 'The name takes letters, digits, _, - and ., at most 128.';
  if (earlier.some(({ name }) => name === tool.name)) return 'The name is used twice.';
  if (hidesText(tool.description)) return 'The description holds signs that are not seen.';
  const problem = mcp.schemaProblem(tool.schema);
  return problem && `The schema is not one of JSON Schema draft 7: ${problem}`;
}

/** The tools as the server lists them. @throws unavailable, invalid_rule with the reason. */
async function askForTools({ services }: Call, url: string, token: string | undefined): Promise<NamedTool[]> {
  try {
    const session = await services.mcp.open({ url, token });
    try {
      return await session.tools();
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof McpFailure)) throw error;
    throw new AppError('invalid_rule', `The server was asked for its tools. ${error.message}`);
  }
}

/** MCP-01. */
export async function registerServer(call: Call, input: Registration) {
  const { services, organization_id, actor } = call;
  const { server_id, version, connection_url: url } = input;
  if (url) {
    const { settings } = await services.store.identity.organization(organization_id);
    const problem = hostProblem(settings, url);
    if (problem) throw new AppError('invalid_rule', problem);
    await services.outgoing.check(url);
  }
  const known = await services.store.mcp.server(organization_id, server_id);
  const sameOrigin = known?.connection_url && url && new URL(known.connection_url).origin === new URL(url).origin;
  // A secret goes to the server that it was entered for.
  const kept = input.token === undefined && sameOrigin ? known.credential : null;
  const opened = kept ? services.secrets.open(kept, keyContext(kept)) : (input.token ?? undefined);
  if (!input.tools && !url)
    throw new AppError('invalid_body', 'Name the tools, or the connection_url of a server that is asked for them.', [
      { field: 'tools', message: 'is needed without connection_url' },
    ]);
  const named = input.tools ?? (await askForTools(call, url ?? '', opened));
  const judged = named.map((tool, i) => ({ tool, reason: toolProblem(services, tool, named.slice(0, i)) }));
  const good = judged.filter(({ reason }) => reason === undefined).map(({ tool }) => tool);
  const owner = { organization_id, project_id: null };
  const vectors = await services.embeddings.embed(
    good.map(({ name, description }) => `${name.replaceAll('_', ' ')} ${description}`),
    owner,
  );
  const reason = versionProblem(version) ?? null;
  const id = call.newId('mcp_token');
  const token = input.token
    ? { id, ...services.secrets.seal(input.token, keyContext({ id, organization_id, user_id: null })) }
    : kept
      ? undefined
      : null;
  const row = await services.store.mcp.register(
    {
      id: call.newId('mcp_server'),
      organization_id,
      ...{ server_id, version, capabilities: input.capabilities, connection_url: url ?? null },
      ...{ metadata: input.metadata, enabled: reason === null, disabled_reason: reason },
    },
    good.map(({ name, description, schema, version: revision }, i) => ({
      ...{ name, description, schema: schema as object, version: revision ?? null },
      hash: services.mcp.digest({ name, description, schema }),
      embedded: vectors[i],
    })),
    { token, by: actor },
  );
  return {
    ...toServerView(row),
    registered: good.length,
    rejected: judged.flatMap(({ tool, reason: why }) => (why === undefined ? [] : [{ name: tool.name, reason: why }])),
  };
}

export async function listServers(
  { services, organization_id }: Call,
  { status }: Query<typeof contracts.listServers>,
) {
  const rows = await services.store.mcp.servers(organization_id, status && status === 'enabled');
  return { items: rows.map((row) => ({ ...toServerView(row), tools: row._count.tools })) };
}

export async function removeServer({ services, organization_id, actor }: Call, name: string): Promise<undefined> {
  await services.store.mcp.remove(organization_id, name, actor.email);
}

export async function listTools({ services, organization_id }: Call, query: Query<typeof contracts.listTools>) {
  const enabled_only = query.enabled_only === 'true';
  const rows = await services.store.mcp.tools(organization_id, { server_id: query.server_id, enabled_only });
  return { items: rows.map(toToolView) };
}

/** MCP-02. */
export async function searchTools(
  { services, organization_id }: Call,
  { q, limit }: Query<typeof contracts.searchTools>,
) {
  const asked = await services.embeddings.queries(q, { organization_id, project_id: null }, 'mcp_tools');
  const found = asked.length === 0 ? [] : await services.store.mcp.search(organization_id, asked, limit);
  return { items: found.map(({ tool, similarity }) => ({ ...toToolView(tool), similarity })) };
}

interface At {
  server: string;
  tool: string;
}

export const getTool = async ({ services, organization_id }: Call, { server, tool }: At) =>
  toToolView(await services.store.mcp.tool(organization_id, server, tool));

export async function markTool(call: Call, where: At, marks: Body<typeof contracts.markTool>) {
  const { services, organization_id, actor } = call;
  const { schema } = await services.store.mcp.tool(organization_id, where.server, where.tool);
  const { properties = {} } = schema as { properties?: object };
  if (marks.key_param && !Object.hasOwn(properties, marks.key_param))
    throw new AppError('invalid_rule', `The tool has no parameter ${marks.key_param}.`);
  return toToolView(await services.store.mcp.mark(organization_id, where, marks, actor.email));
}

/** MCP-03. */
export async function grantPolicy(call: Call, input: Body<typeof contracts.grantPolicy>) {
  const { services, organization_id, actor } = call;
  const { agent_id, server_id: server, tool_name: tool, expires_at } = input;
  await requireAgent(call, agent_id);
  const policy = await services.store.mcp.grant(
    { id: call.newId('mcp_policy'), organization_id, agent_id, server, tool },
    {
      actions: [...new Set(input.actions)],
      expires_at: expires_at ? new Date(expires_at) : null,
      by: actor.email,
    },
  );
  return toPolicyView(policy);
}

export async function listPolicies(call: Call, agentId: string) {
  await requireAgent(call, agentId);
  return { items: (await call.services.store.mcp.policies(call.organization_id, agentId)).map(toPolicyView) };
}

export async function revokePolicy(
  { services, organization_id, actor }: Call,
  { agent, ...where }: At & { agent: string },
): Promise<undefined> {
  await services.store.mcp.revoke(organization_id, agent, where, actor.email);
}
