import type { Run } from '#prisma/store/runs.ts';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import { phaseIds, type PhaseId } from '#workflows/domain/phases/index.ts';
import type { SessionKind } from '#workflows/contracts/run.ts';
import type { ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import { askUserTool } from './ask-user.ts';
import { bash } from './bash.ts';
import { callTool } from './support/call-tool.ts';
import { completeTaskTool } from './complete-task.ts';
import { editFile } from './edit-file.ts';
import { listFiles } from './list-files.ts';
import { readFile } from './read-file.ts';
import type { RecordContext, RecordResult, RecordTool } from './support/record-tool.ts';
import { reportDiscoveryTool } from './report-discovery.ts';
import { searchFiles } from './search-files.ts';
import { submitPhaseTool } from './submit-phase.ts';
import { submitReviewTool } from './submit-review.ts';
import { todoTool } from './todo.ts';
import type { Tool, ToolEffect } from './support/tool.ts';
import { toolSchema } from './support/tool-schema.ts';
import { writeFile } from './write-file.ts';

export type { RecordContext, RecordResult } from './support/record-tool.ts';

export interface ReadCall {
  position: number;
  tool_use_id: string;
  name: string;
  input: string;
  problem?: { text: string; kind: string };
}

/** The agent's tools: which a session is given, how they are called, and how a model's answer is read. */
export function createToolBox(
  services: Pick<Services, 'store' | 'config' | 'embeddings' | 'sandbox' | 'repositories'>,
) {
  const { store } = services;
  const files: Tool[] = [bash, editFile, listFiles, readFile, searchFiles, writeFile] as unknown as Tool[];
  const records: RecordTool[] = [
    todoTool(store),
    askUserTool(store),
    reportDiscoveryTool(services),
    submitReviewTool(store),
    completeTaskTool(services),
    ...phaseIds.map((phase) => submitPhaseTool(store, phase)),
  ] as unknown as RecordTool[];
  const all = new Map<string, Tool | RecordTool>([...files, ...records].map((tool) => [tool.name, tool]));

  const names: Record<SessionKind, string[]> = {
    phase: ['ask_user', 'todo'],
    task: ['ask_user', 'complete_task', 'report_discovery', 'todo'],
    validation: ['submit_review', 'todo'],
    merge: ['ask_user', 'complete_task', 'todo'],
  };

  function toolsOf(kind: SessionKind, phase: string | null): (Tool | RecordTool)[] {
    const own = kind === 'phase' ? [...names.phase, `submit_${phase ?? ''}`] : names[kind];
    return [...files, ...own.flatMap((name) => all.get(name) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return {
    /** The list as it is sent, sorted: the beginning of the cached prefix. */
    definitions(kind: SessionKind, phase: PhaseId | null): string {
      return JSON.stringify(
        toolsOf(kind, phase).map((tool) => ({
          name: tool.name,
          description: tool.description,
          input_schema: ('inputSchema' in tool && tool.inputSchema) || toolSchema(tool),
        })),
      );
    },

    effectOf: (name: string): ToolEffect => all.get(name)?.effect ?? 'read',

    networkOf: (run: Run): 'none' | 'full' => run.settings.network ?? 'none',

    call: (run: Run, name: string, input: string, context: RecordContext): Promise<RecordResult> => {
      let value: unknown = input;
      try {
        value = JSON.parse(input);
      } catch {
        // Left as text: the tool says what it should have been.
      }
      return callTool(toolsOf(run.kind as SessionKind, run.phase) as Tool[], name, value, context);
    },

    /** The calls of an answer, in order; input that was no JSON is answered with an error, never an exception. */
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
              text: `The input of ${call.name} was no JSON object and was not run. It began: ${bad.text.slice(0, 300)}\nCall it again with valid JSON.`,
            },
          };
        }),

    /** An answer cut off at the output limit is not run at all: its last call may be half a file. */
    refuseCut(run: Run, calls: ToolCall[]): Promise<ToolCall[]> {
      return store.toolCalls.finish(
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
    },
  };
}

export type ToolBox = ReturnType<typeof createToolBox>;
