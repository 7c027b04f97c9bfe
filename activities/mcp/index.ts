import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ServedTool } from '#prisma/store/mcp.ts';
import type { InvocationEnd, McpInvocation } from '#prisma/store/mcp-calls.ts';
import type { McpCallInput } from '#workflows/contracts/mcp.ts';
import { callTries, delayAfterTry } from '#workflows/domain/mcp/rules.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { judgeCall, paramsContext } from '../ports/call-mcp.ts';
import { McpFailure } from '../ports/mcp.ts';
import { keyContext } from '../ports/secrets.ts';
import type { Services } from '../ports/services.ts';

/** Characters of an answer that are kept. */
const longestAnswer = 100_000;

/** Whether a call may be made once more although it may have happened: an administrator says so, or a key makes it one. */
const repeatable = (tool: ServedTool | null) =>
  tool !== null && (tool.read_only || tool.idempotent || tool.key_param !== null);

const mayHaveHappened = (cause: string) =>
  `${cause} The call may have happened all the same, and is not repeated. Look at what it should have done before you call it again.`;

/** Steps of `mcpCallWorkflow`. */
export function createMcpActivities(services: Pick<Services, 'store' | 'secrets' | 'mcp' | 'redact'>) {
  const { store, secrets, mcp, redact } = services;
  const calls = store.mcpCalls;

  const end = (call: McpInvocation, how: InvocationEnd) =>
    calls.end(call.id, {
      ...how,
      ...(how.answer === undefined ? {} : { answer: cutStart(redact(how.answer), longestAnswer) }),
      ...(how.error === undefined ? {} : { error: cutStart(redact(how.error), longestAnswer) }),
    });

  /** A call that somebody left without knowing what came of it. @returns whether it has ended by that. */
  async function endUnclear(call: McpInvocation, tool: ServedTool | null, cause: string, attempts: number) {
    if (!call.calling || repeatable(tool)) return false;
    await end(call, { state: 'unknown', attempts, error: mayHaveHappened(cause), server: 'failure' });
    return true;
  }

  async function address({ organization_id, server_id }: McpInvocation) {
    const server = await store.mcp.server(organization_id, server_id);
    const sealed = server?.credential;
    const token = sealed ? { token: secrets.open(sealed, keyContext(sealed)) } : {};
    return { url: server?.connection_url ?? '', ...token };
  }

  /** The parameters as they are sent: a tool that takes a key gets one that each try repeats. */
  function paramsFor({ key_param }: ServedTool, call: McpInvocation, params: Record<string, unknown>) {
    return key_param === null || key_param in params
      ? params
      : { ...params, [key_param]: call.idempotency_key ?? call.id };
  }

  async function send(call: McpInvocation, tool: ServedTool, params: Record<string, unknown>, attempts: number) {
    const session = await mcp.open(await address(call), Context.current().cancellationSignal);
    try {
      const listed = (await session.tools()).find(({ name }) => name === tool.name);
      // A server can change a tool without telling: the one that was allowed is called, or none.
      if (!listed || mcp.digest(listed) !== tool.hash)
        return end(call, {
          state: 'denied',
          attempts,
          error: listed
            ? `The server lists ${tool.name} with another description or schema than it was registered with. An administrator can register the server again and allow the tool as it is now.`
            : `The server lists no tool ${tool.name} any more.`,
          server: 'success',
        });
      await calls.begin(call.id, attempts);
      const { text, is_error } = await session.call(tool.name, paramsFor(tool, call, params));
      return await end(
        call,
        is_error
          ? { state: 'failed', attempts, error: text || 'The tool says that it failed.', server: 'success' }
          : { state: 'succeeded', attempts, answer: text, server: 'success' },
      );
    } finally {
      session.close();
    }
  }

  return {
    /** One try of a call. The failure of a try that may be made again says when. */
    callMcpTool: async ({ invocation_id: id, organization_id }: McpCallInput): Promise<void> => {
      const call = await calls.get(organization_id, id);
      if (call.ended_at) return;
      const { attempt } = Context.current().info;
      const before = attempt - 1;
      const sealed = { key_id: call.key_id ?? '', sealed: call.sealed_params ?? '' };
      const params = JSON.parse(secrets.open(sealed, paramsContext(id))) as Record<string, unknown>;
      const { tool, refusal } = await judgeCall(services, call, params);
      if (await endUnclear(call, tool, 'The process that made the call died before the answer.', before)) return;
      if (refusal !== undefined) return void (await end(call, { state: 'denied', attempts: before, error: refusal }));
      const gate = await calls.admit(id, tool.id);
      if (!gate.admitted) {
        const since = gate.opened_at ? ` since ${gate.opened_at.toISOString()}` : '';
        const error = `Calls of ${call.server_id}/${tool.name} failed again and again, so none is made for a minute${since}. Try again later.`;
        return void (await end(call, { state: 'failed', attempts: before, error }));
      }
      try {
        await send(call, tool, params, attempt);
      } catch (error) {
        if (!(error instanceof McpFailure)) throw error;
        const { calling } = await calls.get(organization_id, id);
        const unclear = calling && error.may_have_run;
        if (unclear && (await endUnclear({ ...call, calling }, tool, error.message, attempt))) return;
        const server = error.counts ? ('failure' as const) : undefined;
        if (!error.passes || attempt >= callTries)
          return void (await end(call, { state: 'failed', attempts: attempt, error: error.message, server }));
        if (!unclear) await calls.notTaken(id, attempt);
        throw ApplicationFailure.create({
          type: 'mcp',
          message: error.message,
          nextRetryDelay: delayAfterTry(attempt, Math.random()),
        });
      }
    },

    /** The end of a call whose step was given up. */
    endMcpCall: async ({ invocation_id: id, organization_id, reason }: McpCallInput & { reason: string }) => {
      const call = await calls.get(organization_id, id);
      if (call.ended_at) return;
      const tool = await store.mcp.findTool(organization_id, call.server_id, call.tool_name);
      if (await endUnclear(call, tool, reason, call.attempts)) return;
      await end(call, { state: 'failed', attempts: call.attempts, error: reason, server: 'failure' });
    },
  };
}
