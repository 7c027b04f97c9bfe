import type { ToolOutcome } from '#workflows/contracts/run.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { z } from 'zod';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

/** Tools that write the platform's records instead of files know whose run they are called in. */
export interface RecordContext extends ToolContext {
  record: Run;
}

export interface RecordResult extends ToolResult {
  /** The effect that the workflow acts on. */
  outcome?: ToolOutcome;
}

export interface RecordTool<S extends z.ZodType = z.ZodType> extends Omit<Tool<S>, 'run'> {
  /** Which fields a call takes, where the schema alone cannot say it to the model. */
  inputSchema?: Record<string, unknown>;
  run(input: z.output<S>, context: RecordContext): Promise<RecordResult>;
}

export const refused = (text: string): RecordResult => ({ text, is_error: true, error_kind: 'failed' });
