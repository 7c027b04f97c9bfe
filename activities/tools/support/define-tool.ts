import type { z } from 'zod';
import { cutText } from './cut-output.ts';
import type { RunMode } from '#workflows/domain/agent/run.ts';
import type { Tool, ToolContext } from './tool.ts';
import { failureResult } from './tool-failure.ts';

/**
 * Defines a tool of the agent. Its failures become results that the model reads, and its text is cut at
 * `limits.result_chars` in any case. A tool that needs records or services annotates the context of
 * `run` with PlatformContext. List the tool in tools/index.ts.
 */
export function defineTool<S extends z.ZodType, C extends ToolContext = ToolContext>(tool: Tool<S, C>): Tool<S, C> {
  return {
    ...tool,
    async run(input, context) {
      const result = await tool.run(input, context).catch(failureResult);
      return {
        ...result,
        text: cutText(result.text, context.limits.result_chars, { hint: 'Ask for less at once to see the rest.' }),
      };
    },
  };
}

/** Refuses the modes that only read. */
export function changesFiles(mode: RunMode): string | undefined {
  if (mode === 'exploration') return 'This run explores and changes no files. Put what should change into your answer.';
  if (mode === 'validation')
    return 'This run judges work and changes nothing. Report what is wrong; files that a check needs can be made with bash under /tmp.';
  return undefined;
}
