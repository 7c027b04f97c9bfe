import { z } from 'zod';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import type { EvidenceItem, RanCommand } from '#workflows/domain/agent/completion.ts';
import { commandOf } from './job-wait.ts';

const item = z.object({
  criterion_id: z.string().nullish(),
  command: z.string().nullish(),
  tool_use_id: z.string().nullish(),
  exit_code: z.number().int().nullish(),
  excerpt: z.string().nullish(),
});

/** A list of commands that ran. Prose is accepted but is not evidence. */
export const evidenceSchema = z.union([z.array(z.union([item, z.string()])), z.string()]).default([]);

/** The structured part, or undefined when all of it is prose. */
export function readEvidence(evidence: z.output<typeof evidenceSchema>): EvidenceItem[] | undefined {
  if (typeof evidence === 'string') return undefined;
  return evidence.flatMap((entry) => {
    if (typeof entry === 'string') return [];
    return [
      Object.fromEntries(
        Object.entries(entry).filter(([, value]) => value !== null && value !== undefined),
      ) as EvidenceItem,
    ];
  });
}

/** A stored call of bash as the rules of evidence read it. */
export const asRanCommand = (
  call: Pick<ToolCall, 'tool_use_id' | 'input' | 'exit_code' | 'result' | 'tree_before' | 'tree_after'>,
): RanCommand => ({
  tool_use_id: call.tool_use_id,
  command: commandOf(call.input),
  exit_code: call.exit_code,
  output: call.result ?? '',
  tree_before: call.tree_before,
  tree_after: call.tree_after,
});
