import { AppError, notFound } from '#workflows/domain/errors.ts';
import { tokenMinutes, saysItChanges, type McpAction } from '#workflows/domain/mcp/rules.ts';
import type { Credential, McpPolicy, McpServer, McpToken, McpTool } from '../generated/client.ts';
import { Prisma } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { asJson } from './json.ts';
import { comparedWith, setVector, type Embedded } from './vector.ts';

export type { McpServer, McpTool } from '../generated/client.ts';

export interface NewMcpTool {
  name: string;
  version: string | null;
  description: string;
  schema: object;
  hash: string;
  embedded?: Embedded;
}

export interface NewMcpServer {
  id: string;
  organization_id: string;
  server_id: string;
  version: string;
  capabilities: string[];
  connection_url: string | null;
  metadata: object;
  enabled: boolean;
  disabled_reason: string | null;
}

export type ServedTool = McpTool & { server: McpServer };
export type AllowedTool = McpPolicy & { token: McpToken | null; tool: ServedTool };
type SealedToken = Pick<Credential, 'id' | 'key_id' | 'sealed'>;

/** Of a policy, with all that decides whether it holds. */
const whole = { token: true, tool: { include: { server: true } } } as const;

/** Foreign servers of tools, their tools, and the policies of agents (MCP-01 to 03). */
export function mcpStore(core: StoreCore) {
  const serverIn = async (tx: Transaction, organizationId: string, name: string): Promise<McpServer> => {
    const key = { organization_id: organizationId, server_id: name };
    const server = await tx.mcpServer.findUnique({ where: { organization_id_server_id: key } });
    if (!server) throw notFound('server');
    return server;
  };
  const toolIn = async (tx: Transaction, organizationId: string, server: string, name: string): Promise<ServedTool> => {
    const tool = await tx.mcpTool.findFirst({
      where: { organization_id: organizationId, name, server: { server_id: server } },
      include: { server: true },
    });
    if (!tool) throw notFound('tool');
    return tool;
  };
  const about = (organizationId: string, id: string) => ({
    organization_id: organizationId,
    entity: { kind: 'mcp_server', id },
  });

  return {
    servers: (organizationId: string, enabled?: boolean) =>
      core.read((db) =>
        db.mcpServer.findMany({
          where: { organization_id: organizationId, enabled },
          include: { _count: { select: { tools: { where: { listed: true } } } } },
          orderBy: { server_id: 'asc' },
        }),
      ),
    /** Null where there is none of that name. */
    server: (organizationId: string, name: string) =>
      core.read((db) =>
        db.mcpServer.findUnique({
          where: { organization_id_server_id: { organization_id: organizationId, server_id: name } },
          include: { credential: true },
        }),
      ),
    tools: (organizationId: string, { server_id, enabled_only }: { server_id?: string; enabled_only: boolean }) =>
      core.read((db) =>
        db.mcpTool.findMany({
          where: {
            organization_id: organizationId,
            server: { server_id, ...(enabled_only ? { enabled: true } : {}) },
            ...(enabled_only ? { enabled: true, listed: true } : {}),
          },
          include: { server: true },
          orderBy: [{ server: { server_id: 'asc' } }, { name: 'asc' }],
        }),
      ),
    tool: (organizationId: string, server: string, name: string) =>
      core.read((db) => toolIn(db, organizationId, server, name)),
    /** Null where there is none: a call of it is refused and on record. */
    findTool: (organizationId: string, server: string, name: string): Promise<ServedTool | null> =>
      core.read((db) =>
        db.mcpTool.findFirst({
          where: { organization_id: organizationId, name, server: { server_id: server } },
          include: { server: true },
        }),
      ),

    /**
     * Stores a server with its tools, or replaces it. Tools that it names no longer stay with what was allowed, and are
     * not called. Marks of a tool hold for the tool as it was marked, so a changed one has none.
     * @param token undefined: the known one stays; null: there is none.
     */
    register: (
      { id, organization_id, server_id, metadata, ...fields }: NewMcpServer,
      tools: NewMcpTool[],
      { token, by }: { token: SealedToken | null | undefined; by: { user_id: string; email: string } },
    ): Promise<McpServer> =>
      core.change(async (tx, emit) => {
        const key = { organization_id, server_id };
        const known = await tx.mcpServer.findUnique({ where: { organization_id_server_id: key } });
        if (token) {
          const credential = { organization_id, kind: 'mcp', label: server_id, created_by: by.user_id };
          await tx.credential.upsert({
            where: { id: token.id },
            create: { ...token, ...credential },
            update: { key_id: token.key_id, sealed: token.sealed },
          });
        }
        const now = new Date();
        const columns = {
          ...fields,
          ...{ metadata: asJson(metadata), registered_by: by.email, updated_at: now },
          ...(token === undefined ? {} : { credential_id: token?.id ?? null }),
        };
        const server = await tx.mcpServer.upsert({
          where: { organization_id_server_id: key },
          create: { id, ...key, ...columns },
          update: columns,
        });
        const old = known?.credential_id;
        if (old && old !== server.credential_id) await tx.credential.deleteMany({ where: { id: old } });
        await tx.mcpTool.updateMany({
          where: { server_id: server.id, name: { notIn: tools.map(({ name }) => name) } },
          data: { listed: false, updated_at: now },
        });
        for (const { embedded, schema, ...tool } of tools) {
          const where = { server_id_name: { server_id: server.id, name: tool.name } };
          const before = await tx.mcpTool.findUnique({ where });
          const marks =
            before && before.hash !== tool.hash ? { read_only: false, idempotent: false, key_param: null } : {};
          const data = { ...tool, ...marks, schema: asJson(schema), listed: true, updated_at: now };
          const row = await tx.mcpTool.upsert({
            where,
            create: { ...data, organization_id, server_id: server.id },
            update: data,
          });
          await setVector(tx, 'mcp_tools', row.id, embedded);
        }
        const names = tools.map(({ name }) => name);
        const { version } = fields;
        emit({
          ...about(organization_id, server.id),
          type: 'mcp.server.registered',
          data: { server_id, version, tools: names, by: by.email },
        });
        return server;
      }),
    remove: (organizationId: string, name: string, by: string) =>
      core.change(async (tx, emit) => {
        const server = await serverIn(tx, organizationId, name);
        await tx.mcpServer.delete({ where: { id: server.id } });
        if (server.credential_id) await tx.credential.deleteMany({ where: { id: server.credential_id } });
        emit({ ...about(organizationId, server.id), type: 'mcp.server.removed', data: { server_id: name, by } });
      }),
    mark: (
      organizationId: string,
      at: { server: string; tool: string },
      marks: Partial<Pick<McpTool, 'enabled' | 'read_only' | 'idempotent' | 'key_param'>>,
      by: string,
    ): Promise<ServedTool> =>
      core.change(async (tx, emit) => {
        const { id, server_id } = await toolIn(tx, organizationId, at.server, at.tool);
        const data = { server_id: at.server, tool: at.tool, marks, by };
        emit({ ...about(organizationId, server_id), type: 'mcp.tool.marked', data });
        return tx.mcpTool.update({
          where: { id },
          data: { ...marks, updated_at: new Date() },
          include: { server: true },
        });
      }),

    /** Tools by the nearness of their vectors, the nearest first; of those that an agent may call, where one is given. */
    search: (organizationId: string, asked: Embedded[], limit: number, agentId?: string) =>
      core.read(async (db) => {
        const { distance, comparable } = comparedWith(asked);
        const allowed = agentId
          ? Prisma.sql`AND id IN (SELECT tool_id FROM mcp_policies WHERE agent_id = ${agentId}::uuid AND organization_id = ${organizationId}::uuid)`
          : Prisma.empty;
        const found = await db.$queryRaw<{ id: string; similarity: number }[]>`
          SELECT id, 1 - ${distance} AS similarity FROM mcp_tools
          WHERE organization_id = ${organizationId}::uuid AND enabled AND listed AND ${comparable} ${allowed}
            AND server_id IN (SELECT id FROM mcp_servers WHERE organization_id = ${organizationId}::uuid AND enabled)
          ORDER BY ${distance} LIMIT ${limit}`;
        const rows = await db.mcpTool.findMany({
          where: { id: { in: found.map(({ id }) => id) } },
          include: { server: true },
        });
        return found.flatMap(({ id, similarity }) =>
          rows.filter((row) => row.id === id).map((tool) => ({ tool, similarity })),
        );
      }),

    /** Policies of an agent, also those that hold no longer, by server and tool. */
    policies: (organizationId: string, agentId: string): Promise<AllowedTool[]> =>
      core.read((db) =>
        db.mcpPolicy.findMany({
          where: { organization_id: organizationId, agent_id: agentId },
          include: whole,
          orderBy: [{ tool: { server: { server_id: 'asc' } } }, { tool: { name: 'asc' } }],
        }),
      ),
    policy: (organizationId: string, agentId: string, toolId: string): Promise<AllowedTool | null> =>
      core.read((db) =>
        db.mcpPolicy.findFirst({
          where: { organization_id: organizationId, agent_id: agentId, tool_id: toolId },
          include: whole,
        }),
      ),
    /** Allows a tool as it is now. A repeated grant renews it. */
    grant: (
      input: { id: string; organization_id: string; agent_id: string; server: string; tool: string },
      { actions, expires_at, by }: { actions: McpAction[]; expires_at: Date | null; by: string },
    ): Promise<AllowedTool> =>
      core.change(async (tx, emit) => {
        const { id, organization_id, agent_id, server, tool } = input;
        const { id: tool_id, hash, listed, server_id } = await toolIn(tx, organization_id, server, tool);
        if (!listed)
          throw new AppError('conflict', `${server} names ${tool} no longer. Register the server with it first.`);
        const now = new Date();
        const terms = { actions, expires_at, tool_hash: hash, granted_by: by, updated_at: now };
        const policy = await tx.mcpPolicy.upsert({
          where: { agent_id_tool_id: { agent_id, tool_id } },
          create: { id, organization_id, agent_id, tool_id, ...terms },
          update: terms,
        });
        if (saysItChanges(tool)) {
          const token = { granted_by: by, expires_at: new Date(now.getTime() + tokenMinutes * 60_000) };
          await tx.mcpToken.upsert({
            where: { policy_id: policy.id },
            create: { policy_id: policy.id, organization_id, ...token },
            update: token,
          });
        }
        const data = { agent_id, server_id: server, tool, actions, expires_at: expires_at?.toISOString() ?? null, by };
        emit({ ...about(organization_id, server_id), type: 'mcp.policy.granted', data });
        return tx.mcpPolicy.findUniqueOrThrow({ where: { id: policy.id }, include: whole });
      }),
    revoke: (organizationId: string, agentId: string, at: { server: string; tool: string }, by: string) =>
      core.change(async (tx, emit) => {
        const policy = await tx.mcpPolicy.findFirst({
          where: {
            ...{ organization_id: organizationId, agent_id: agentId },
            tool: { name: at.tool, server: { server_id: at.server } },
          },
          include: { tool: true },
        });
        if (!policy) throw notFound('policy');
        await tx.mcpPolicy.delete({ where: { id: policy.id } });
        const data = { agent_id: agentId, server_id: at.server, tool: at.tool, by };
        emit({ ...about(organizationId, policy.tool.server_id), type: 'mcp.policy.revoked', data });
      }),
  };
}
