import type { z } from 'zod';
import type { CallView, EditPlan } from '#prisma/store/tool-calls.ts';
import type { CommandSpec, SandboxPort } from '../../ports/sandbox.ts';

export type { EditPlan } from '#prisma/store/tool-calls.ts';

export type RunMode = 'exploration' | 'implementation' | 'validation' | 'merge';

/**
 * What a tool touches, which decides how it runs: reads go at once and in parallel, the others one after
 * another, each in an activity of its own; `wait` lets the workflow wait for somebody.
 */
export type ToolEffect = 'read' | 'write' | 'command' | 'record' | 'wait';

export interface Tool<S extends z.ZodType = z.ZodType> {
  name: string;
  effect: ToolEffect;
  /** What it does, when to use it, when not, its limits. Part of the cached prefix: no value that changes. */
  description: string;
  schema: S;
  /** Why this mode may not call it, or undefined. The tool stays in the list: removing it would break the cache. */
  forbidden?(mode: RunMode): string | undefined;
  run(input: z.output<S>, context: ToolContext): Promise<ToolResult>;
}

export interface ToolContext {
  run: { id: string; mode: RunMode; attempt: number; epoch: number };
  /** `job_id` names a command for ever: a repeated try of this call finds it again. */
  call: { turn: number; position: number; tool_use_id: string; job_id: string };
  /** `network` is what the project allows the agent's own commands. */
  sandbox: { id: string; port: SandboxPort; network: CommandSpec['network'] };
  limits: ToolLimits;
  /** Raised when the call is to be given up: an interrupt, a cancelled run. */
  signal: AbortSignal;
  /** How the model last saw the file in this epoch, by its reading or writing; undefined when it has not. */
  lastView(path: string): Promise<FileView | undefined>;
  /** The newest view of each file seen in this epoch, the most recent last. */
  viewedFiles(): Promise<FileView[]>;
  /** The directory the last command left off in, relative to the workspace. */
  lastCwd(): Promise<string | undefined>;
  /** What an earlier try of this same call was about to do. */
  plan?: EditPlan;
  /** Stored before the file is replaced, so that a retry can tell whether it happened. */
  savePlan(plan: EditPlan): Promise<void>;
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

/** `bad_input` is for input that its schema refuses, and nothing else: several in a row end an attempt. */
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
  /** Directory a command left off in. */
  cwd?: string;
  /** Files whose content the call replaced, for the checkpoint. */
  wrote?: string[];
}
