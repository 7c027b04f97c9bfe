import type { z } from 'zod';
import type { Run } from '#prisma/store/runs.ts';
import type { CallView, EditPlan } from '#prisma/store/tool-calls.ts';
import type { ToolOutcome } from '#workflows/contracts/run.ts';
import type { RunKind, RunMode } from '#workflows/domain/agent/run.ts';
import type { FileOwner } from '#workflows/domain/tasks/ownership.ts';
import type { SessionPhase } from '#workflows/domain/phases/index.ts';
import type { CommandSpec, SandboxPort } from '../../ports/sandbox.ts';
import type { Services } from '../../ports/services.ts';

export type { EditPlan } from '#prisma/store/tool-calls.ts';

/**
 * Decides how a call runs: reads run at once and in parallel, the others one after another, each in its own
 * activity. `record` changes rows of the platform only. After `wait` the workflow waits for a person's answer, after
 * `explore` for the answer of another run; neighbouring explorations run at the same time. `foreign` acts on a server of
 * other people: its start is on record, so a call that was left is never said not to have run.
 */
export type ToolEffect = 'read' | 'write' | 'command' | 'record' | 'wait' | 'explore' | 'foreign';

export const allSessions: readonly RunKind[] = ['phase', 'task', 'validation', 'merge'];
/** Also the sessions that only answer a question. */
export const readingSessions: readonly RunKind[] = [...allSessions, 'explore'];

/** A tool of the agent. C is the context that it needs: PlatformContext where it uses records or services. */
export interface Tool<S extends z.ZodType = z.ZodType, C extends ToolContext = ToolContext> {
  name: string;
  /** The kinds of session whose agent is given the tool. */
  sessions: readonly RunKind[];
  /** Only the sessions of this planning phase are given the tool. */
  phase?: SessionPhase;
  /** Only the sessions of registered agents that may write to each other are given the tool. */
  collaboration?: true;
  /** Only the sessions of agents that were allowed foreign tools are given the tool. */
  foreign?: true;
  effect: ToolEffect;
  /**
   * For the model: what the tool does, when to use it, when not, its limits. It is part of the cached prefix, so it
   * must not hold a value that changes.
   */
  description: string;
  schema: S;
  /** JSON Schema sent to the model instead of the one derived from `schema`, where zod cannot express it. */
  inputSchema?: Record<string, unknown>;
  /** The reason why a mode may not call the tool. It stays in the list: removing it would break the cache. */
  forbidden?(mode: RunMode): string | undefined;
  run(input: z.output<S>, context: C): Promise<ToolResult>;
}

export interface ToolContext {
  run: { id: string; mode: RunMode; attempt: number; epoch: number };
  /** `job_id` names the call's command: a retry of the call finds the same command. */
  call: { turn: number; position: number; tool_use_id: string; job_id: string };
  /** `network` is the access that the project allows for the agent's commands; `access` what they get to call the platform. */
  sandbox: {
    id: string;
    port: SandboxPort;
    network: CommandSpec['network'];
    access?: () => Promise<Pick<CommandSpec, 'platform' | 'env'> | undefined>;
  };
  /** Files, folders and globs that nothing is written to. */
  forbidden_paths?: readonly string[] | undefined;
  /** The files that belong to other tasks at work; absent: none do. */
  ownership?: FileOwnership | undefined;
  limits: ToolLimits;
  /** Aborted by an interrupt or when the run is cancelled. */
  signal: AbortSignal;
  /** The model's last view of a file in this epoch, by reading or writing it. */
  lastView(path: string): Promise<FileView | undefined>;
  /** The newest view of each file seen in this epoch, the most recent last. */
  viewedFiles(): Promise<FileView[]>;
  /** Directory in which the last command ended, relative to the workspace. */
  lastCwd(): Promise<string | undefined>;
  /** The edit that an earlier try of this call planned. */
  plan?: EditPlan;
  /** Stored before the file is replaced, so that a retry finds out whether the replacement happened. */
  savePlan(plan: EditPlan): Promise<void>;
}

/** Context of a tool that reads or writes the platform's records. */
export interface PlatformContext extends ToolContext {
  /** The run in which the tool is called. */
  record: Run;
  services: ToolServices;
}

export type ToolServices = Pick<
  Services,
  'store' | 'config' | 'embeddings' | 'sandbox' | 'repositories' | 'mcp' | 'secrets' | 'workflows'
>;

/** A tool as the registration lists it. */
export type AgentTool = Tool<z.ZodType, PlatformContext>;

export interface FileOwnership {
  /** A change of their files is refused; else the agent is warned. */
  strict: boolean;
  /** The file globs of the run's task, and the other tasks of its ticket that are at work. */
  read(): Promise<{ own: string[]; others: FileOwner[] }>;
}

interface ToolLimits {
  result_chars: number;
  command_timeout_ms: number;
  command_max_timeout_ms: number;
}

/** How the model saw or left a file, and in which turn. */
export interface FileView extends CallView {
  turn: number;
}

/** `bad_input` is only for input that its schema refuses, since several in a row end an attempt. */
export type ToolErrorKind =
  | 'bad_input'
  | 'unknown_tool'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'timeout'
  | 'lost'
  | 'failed'
  | 'interrupted'
  | 'not_run';

export interface ToolResult {
  /** Plain text, at most limits.result_chars, naming the call that shows the rest when cut. */
  text: string;
  is_error?: boolean;
  error_kind?: ToolErrorKind;
  image?: { media_type: string; data: string };
  exit_code?: number;
  view?: CallView;
  /** Directory in which the command ended. */
  cwd?: string;
  /** Files whose content the call replaced, for the checkpoint. */
  wrote?: string[];
  /** The effect on which the workflow acts. */
  outcome?: ToolOutcome;
}
