import type { Run } from '#prisma/store/runs.ts';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import type { ModelResponse } from '../../ports/model.ts';
import type { CommandSpec } from '../../ports/sandbox.ts';
import { callTool } from './call-tool.ts';
import { foreignName, type ToolDefinition } from './foreign-tools.ts';
import type { AgentTool, PlatformContext, ToolEffect, ToolResult, ToolServices } from './tool.ts';
import { toolSchema } from './tool-schema.ts';
import { cutStart } from '#workflows/domain/text.ts';

export interface ReadCall {
  position: number;
  tool_use_id: string;
  name: string;
  input: string;
  problem?: { text: string; kind: string };
}

/** What decides which tools a session is offered. */
export interface Session {
  kind: RunKind;
  phase: string | null;
  collaborates?: boolean | undefined;
  /** Its agent was allowed foreign tools. */
  foreign?: boolean;
}

/** The tools that a session is offered, sorted by name. */
export function toolsOfSession<T extends Pick<AgentTool, 'name' | 'sessions' | 'phase' | 'collaboration' | 'foreign'>>(
  tools: readonly T[],
  { kind, phase, collaborates, foreign }: Session,
): T[] {
  return tools
    .filter(
      (tool) =>
        tool.sessions.includes(kind) &&
        (tool.phase === undefined || tool.phase === phase) &&
        (!tool.collaboration || collaborates) &&
        (!tool.foreign || foreign),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The tool by which every foreign one is called. */
const foreignCall = 'mcp_call';

const byName = (list: ToolDefinition[]) => list.sort((a, b) => (a.name < b.name ? -1 : 1));

const definitionOf = (tool: AgentTool): ToolDefinition => ({
  name: tool.name,
  description: tool.description,
  input_schema: tool.inputSchema ?? toolSchema(tool),
});

/** The agent's tools: gives the list of a session, runs calls, and reads the calls of a model's answer. */
export function createToolBox({ store }: Pick<ToolServices, 'store'>, tools: readonly AgentTool[]) {
  const all = new Map(tools.map((tool) => [tool.name, tool]));
  if (all.size < tools.length) throw new Error('Two tools have the same name. Rename one of them.');

  return {
    /**
     * The list as it is sent: the beginning of the cached prefix.
     * @param foreign the definitions of foreign tools; absent: the session has none.
     */
    definitions: (session: Omit<Session, 'foreign'>, foreign?: ToolDefinition[]): string =>
      JSON.stringify(
        byName([
          ...toolsOfSession(tools, { ...session, foreign: foreign !== undefined }).map(definitionOf),
          ...(foreign ?? []),
        ]),
      ),

    /** A list as it is sent from the next epoch on: foreign tools as they are now, all others as they were. */
    renewed(list: string, foreign: ToolDefinition[] | undefined): string {
      const old = JSON.parse(list) as ToolDefinition[];
      const kept = old.filter(({ name }) => !all.get(name)?.foreign && !foreignName(name));
      const own = foreign ? tools.filter((tool) => tool.foreign).map(definitionOf) : [];
      if (!foreign && kept.length === old.length) return list;
      return JSON.stringify(byName([...kept, ...own, ...(foreign ?? [])]));
    },

    effectOf: (name: string): ToolEffect => all.get(name)?.effect ?? (foreignName(name) ? 'foreign' : 'read'),

    networkOf: (run: Run): CommandSpec['network'] => run.settings.network ?? 'none',

    call: (run: Run, name: string, input: string, context: PlatformContext): Promise<ToolResult> => {
      let value: unknown = input;
      try {
        value = JSON.parse(input);
      } catch {
        // Kept as text: the tool's error message describes the valid input.
      }
      const { kind, phase, settings } = run;
      const names = new Set((JSON.parse(run.tools) as { name: string }[]).map((tool) => tool.name));
      const foreign = [...names].some((one) => all.get(one)?.foreign);
      const session = { kind: kind as RunKind, phase, collaborates: settings.collaborates, foreign };
      const offered = toolsOfSession(tools, session);
      const at = names.has(name) ? foreignName(name) : undefined;
      return at
        ? callTool(offered, foreignCall, { ...at, params: value }, context)
        : callTool(offered, name, value, context);
    },

    /** The calls of an answer, in order. Input that is not valid JSON becomes an error result, never an exception. */
    readCalls: (response: ModelResponse): ReadCall[] =>
      response.content
        .map((block, index) => ({ block, index }))
        .filter(({ block }) => block.type === 'tool_use')
        .map(({ block, index }, position) => {
          const bad = response.malformed.find((entry) => entry.index === index);
          const call = {
            position,
            tool_use_id: String(block.id),
            name: String(block.name),
            input: JSON.stringify(block.input ?? {}),
          };
          if (!bad || wasCutOff(response.stop_reason)) return call;
          return {
            ...call,
            problem: {
              kind: 'bad_input',
              text: `The input of ${call.name} was not a JSON object and was not run. It began: ${cutStart(bad.text, 300)}\nCall it again with valid JSON.`,
            },
          };
        }),

    /** An answer that was cut off at the output limit is not run at all: its last call may be half a file. */
    async refuseCut(run: Run, calls: ToolCall[]): Promise<ToolCall[]> {
      const { calls: refused } = await store.toolCalls.finish(
        run,
        calls.map((call) => ({
          call,
          result: {
            text: 'Not run: the answer was cut off at the output limit.',
            is_error: true,
            error_kind: 'not_run',
            duration_ms: 0,
          },
        })),
      );
      return refused;
    },
  };
}

export type ToolBox = ReturnType<typeof createToolBox>;
