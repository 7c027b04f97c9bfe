import { agentOfRun, outOfService, policyProblem } from '../../ports/call-mcp.ts';
import type { AllowedTool } from '#prisma/store/mcp.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../../ports/services.ts';

/** A tool as it is sent to the model. */
export interface ToolDefinition {
  name: string;
  description: string;
  input_schema: unknown;
}

/** The sessions that may call foreign tools: those that plan and work, not those that judge, merge or answer. */
export const foreignSessions: readonly RunKind[] = ['phase', 'task'];

/** Tokens that the definitions of foreign tools may take in a session's list. */
const mostTokens = 5000;
/** Characters of a description in the list. */
const longestDescription = 1000;
/** Every provider accepts such names. */
const offeredName = /^mcp__[a-z0-9-]+__[A-Za-z0-9_-]+$/;
const longestName = 64;

const nameOf = ({ tool }: AllowedTool) => `mcp__${tool.server.server_id}__${tool.name}`;

/** The server and the tool of a name in the list; undefined for a tool of the platform. */
export function foreignName(name: string): { server: string; tool: string } | undefined {
  const [, server, tool] = /^mcp__([a-z0-9-]+)__(.+)$/.exec(name) ?? [];
  return server && tool ? { server, tool } : undefined;
}

/** A schema whose outermost level providers accept: they take no alternatives there. */
const isPlain = (schema: object) => !['anyOf', 'oneOf', 'allOf'].some((word) => word in schema);

function definitionOf(policy: AllowedTool): ToolDefinition {
  const { tool } = policy;
  const { $schema: _dialect, $id: _id, ...schema } = tool.schema as Record<string, unknown>;
  return {
    name: nameOf(policy),
    description: cutStart(
      `Tool of the foreign server ${tool.server.server_id}. ${tool.description}`,
      longestDescription,
    ),
    input_schema: schema,
  };
}

/**
 * The definitions of the foreign tools that a run may call now, by name, as far as they have room; the others are called
 * by mcp_call. Undefined where its agent was never allowed anything: then the list is as if there were no such tools.
 */
export async function foreignTools(
  { store }: Pick<Services, 'store'>,
  run: { organization_id: string; project_id: string; agent_id: string | null; kind: RunKind },
): Promise<ToolDefinition[] | undefined> {
  if (!foreignSessions.includes(run.kind)) return undefined;
  const policies = await store.mcp.policies(run.organization_id, agentOfRun(run));
  if (policies.length === 0) return undefined;
  let tokens = 0;
  return policies
    .filter((policy) => outOfService(policy.tool) === undefined && policyProblem(policy) === undefined)
    .filter((policy) => offeredName.test(nameOf(policy)) && nameOf(policy).length <= longestName)
    .filter(({ tool }) => isPlain(tool.schema as object))
    .map(definitionOf)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter((definition) => {
      const size = estimateTokens(JSON.stringify(definition).length);
      if (tokens + size > mostTokens) return false;
      tokens += size;
      return true;
    });
}
