import { notFound } from '#workflows/domain/errors.ts';
import { admit, closedBreaker, settle, type Breaker } from '#workflows/domain/mcp/breaker.ts';
import { keptMs } from '#workflows/domain/mcp/rules.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { CircuitBreaker, McpInvocation } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { McpInvocation } from '../generated/client.ts';

export type NewInvocation = Pick<
  McpInvocation,
  | 'id'
  | 'organization_id'
  | 'project_id'
  | 'correlation_id'
  | 'agent_id'
  | 'run_id'
  | 'ticket_id'
  | 'task_id'
  | 'server_id'
  | 'tool_name'
  | 'tool_id'
  | 'params_hash'
  | 'key_id'
  | 'sealed_params'
  | 'idempotency_key'
  | 'repeat_key'
  | 'reads_only'
>;

export interface InvocationEnd {
  state: 'succeeded' | 'failed' | 'denied' | 'unknown';
  attempts: number;
  answer?: string;
  error?: string;
  /** For the breaker; absent: the end says nothing about the server. */
  server?: 'success' | 'failure';
}

/** Characters of a result in the audit. */
const auditedChars = 500;

const breakerOf = (row: CircuitBreaker | null): Breaker => (row ? (row as Breaker) : closedBreaker);

/** The breaker of a tool, locked: of two calls at once one comes first. */
async function lockedBreaker(tx: Transaction, { id, organization_id }: { id: string; organization_id: string }) {
  await tx.circuitBreaker.createMany({ data: { tool_id: id, organization_id }, skipDuplicates: true });
  await tx.$queryRaw`SELECT tool_id FROM circuit_breakers WHERE tool_id = ${id}::uuid FOR UPDATE`;
  return breakerOf(await tx.circuitBreaker.findUnique({ where: { tool_id: id } }));
}

const keepBreaker = (tx: Transaction, toolId: string, { state, failures, successes, probes, opened_at }: Breaker) =>
  tx.circuitBreaker.update({
    where: { tool_id: toolId },
    data: { state, failures, successes, probes, opened_at, updated_at: new Date() },
  });

/** Calls of foreign tools, and the breakers before them (MCP-04 to 07). */
export function mcpCallsStore(core: StoreCore) {
  const find = async (db: Transaction, id: string): Promise<McpInvocation> => {
    const row = await db.mcpInvocation.findUnique({ where: { id } });
    if (!row) throw notFound('invocation');
    return row;
  };
  return {
    /**
     * Stores a call before it is made, once: a call with the same id, or with an idempotency key that is still kept, is
     * returned as it stands.
     * @param refusal of a call that is not made.
     */
    accept: (input: NewInvocation, refusal?: string): Promise<McpInvocation> =>
      core.change(async (tx, emit) => {
        const known = await tx.mcpInvocation.findUnique({ where: { id: input.id } });
        if (known) return known;
        const { repeat_key } = input;
        const earlier = repeat_key ? await tx.mcpInvocation.findUnique({ where: { repeat_key } }) : null;
        if (earlier && Date.now() - earlier.created_at.getTime() < keptMs) return earlier;
        if (earlier) await tx.mcpInvocation.update({ where: { id: earlier.id }, data: { repeat_key: null } });
        const now = new Date();
        const row = await tx.mcpInvocation.create({
          data: refusal
            ? {
                ...input,
                ...{ key_id: null, sealed_params: null, repeat_key: null },
                ...{ decision: 'deny', reason: refusal, state: 'denied', error: refusal, latency_ms: 0, ended_at: now },
              }
            : { ...input, decision: 'allow' },
        });
        if (refusal) emit(endedEvent(row));
        return row;
      }),
    get: (organizationId: string, id: string): Promise<McpInvocation> =>
      core.read(async (db) => {
        const row = await find(db, id);
        if (row.organization_id !== organizationId) throw notFound('invocation');
        return row;
      }),
    list: (
      organizationId: string,
      filter: { agent_id?: string; server_id?: string; tool_name?: string; state?: string },
      page: PageQuery,
    ) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.mcpInvocation.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
    /** Calls that a process accepted and did not start. */
    notStarted: (since: Date, before: Date) =>
      core.read((db) =>
        db.mcpInvocation.findMany({
          where: { state: 'waiting', created_at: { gt: since, lt: before } },
          select: { id: true, organization_id: true },
        }),
      ),

    /** Lets a call through its breaker, once for all tries. @returns when it may be tried again, where it is not let through. */
    admit: (id: string, toolId: string): Promise<{ admitted: true } | { admitted: false; opened_at: Date | null }> =>
      core.change(async (tx) => {
        const call = await find(tx, id);
        if (call.admitted) return { admitted: true };
        const before = await lockedBreaker(tx, { id: toolId, organization_id: call.organization_id });
        const { admitted, probe, breaker } = admit(before, new Date());
        await keepBreaker(tx, toolId, breaker);
        if (!admitted) return { admitted: false, opened_at: breaker.opened_at };
        await tx.mcpInvocation.update({ where: { id }, data: { admitted, probe } });
        return { admitted: true };
      }),
    /** The call is about to be sent: from now on it may have happened. */
    begin: (id: string, attempts: number) =>
      core.change(
        async (tx) => void (await tx.mcpInvocation.update({ where: { id }, data: { calling: true, attempts } })),
      ),
    /** The server did not take the call, for sure: it may be sent again. */
    notTaken: (id: string, attempts: number) =>
      core.change(
        async (tx) => void (await tx.mcpInvocation.update({ where: { id }, data: { calling: false, attempts } })),
      ),
    /** The end of a call, once: a later one changes nothing. */
    end: (id: string, { state, attempts, answer, error, server }: InvocationEnd): Promise<McpInvocation> =>
      core.change(async (tx, emit) => {
        await tx.$queryRaw`SELECT id FROM mcp_invocations WHERE id = ${id}::uuid FOR UPDATE`;
        const call = await find(tx, id);
        if (call.ended_at) return call;
        const now = new Date();
        const row = await tx.mcpInvocation.update({
          where: { id },
          data: {
            ...{ state, attempts, answer, error, ended_at: now, calling: false, key_id: null, sealed_params: null },
            ...(state === 'denied' ? { decision: 'deny', reason: error } : {}),
            latency_ms: now.getTime() - call.created_at.getTime(),
            result: cutStart(answer ?? error ?? '', auditedChars),
          },
        });
        if (call.admitted && call.tool_id && (await tx.mcpTool.count({ where: { id: call.tool_id } })) > 0) {
          const breaker = await lockedBreaker(tx, { id: call.tool_id, organization_id: call.organization_id });
          const ended = { probe: call.probe, ended: server ?? ('neither' as const) };
          await keepBreaker(tx, call.tool_id, settle(breaker, ended, now));
        }
        emit(endedEvent(row));
        return row;
      }),

    /** Breakers of an organization, with how the calls of the last 24 hours went. Milliseconds; rates from 0 to 1. */
    breakers: (organizationId: string) =>
      core.read(async (db) => {
        const rows = await db.circuitBreaker.findMany({
          where: { organization_id: organizationId },
          include: { tool: { include: { server: true } } },
          orderBy: [{ tool: { server: { server_id: 'asc' } } }, { tool: { name: 'asc' } }],
        });
        const times = await db.$queryRaw<
          { tool_id: string; calls: number; failed: number; p50: number | null; p95: number | null }[]
        >`
          SELECT tool_id, count(*)::int AS calls, count(*) FILTER (WHERE state <> 'succeeded')::int AS failed,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms) AS p50,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) AS p95
          FROM mcp_invocations
          WHERE organization_id = ${organizationId}::uuid AND admitted AND ended_at > now() - interval '24 hours'
          GROUP BY tool_id`;
        return rows.map(({ tool, ...row }) => {
          const time = times.find(({ tool_id: id }) => id === tool.id);
          const calls = time?.calls ?? 0;
          return {
            ...{ server_id: tool.server.server_id, tool_name: tool.name, ...breakerOf(row) },
            ...{ calls, p50_ms: time?.p50 ?? null, p95_ms: time?.p95 ?? null },
            error_rate: calls === 0 ? null : (time?.failed ?? 0) / calls,
          };
        });
      }),
  };
}

const endedEvent = (row: McpInvocation) => {
  const { organization_id, project_id, id, correlation_id, agent_id, server_id, tool_name: tool, attempts } = row;
  const place = { organization_id, project_id, entity: { kind: 'mcp_invocation', id } };
  const data = { invocation_id: id, correlation_id, agent_id, server_id, tool, attempts };
  return row.state === 'succeeded'
    ? { ...place, type: 'mcp.invocation.completed' as const, data }
    : {
        ...place,
        type: 'mcp.invocation.failed' as const,
        data: { ...data, state: row.state, error: cutStart(row.error ?? '', auditedChars) },
      };
};
