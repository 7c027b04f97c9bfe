import { z } from 'zod';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import { findCommand, type EvidenceItem, type RanCommand } from '#workflows/domain/agent/completion.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { commandOf } from './job-wait.ts';
import { notAskedFor } from './json-schema.ts';

const item = z.object({
  criterion_id: z.string().nullish(),
  command: z.string().nullish(),
  tool_use_id: z.string().nullish(),
  // The platform has both on record, so nobody is asked to write them.
  exit_code: z.number().int().nullish().meta(notAskedFor),
  excerpt: z.string().nullish().meta(notAskedFor),
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

/** Characters of a command's output that are kept with the evidence. The author of refused work needs those of a failure. */
const excerptLength = 600;
const failureLength = 2000;

/** Evidence with what is on record of its command. The claim remains only where no such command ran. */
export function recordedEvidence(item: EvidenceItem, commands: RanCommand[]) {
  const ran = findCommand(item, commands);
  return {
    ...item,
    verified: ran !== undefined && ran.exit_code !== null,
    exit_code: ran?.exit_code ?? item.exit_code ?? null,
    ...(ran && {
      command: item.command ?? ran.command,
      excerpt: cutEnd(ran.output, ran.exit_code ? failureLength : excerptLength),
    }),
  };
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
