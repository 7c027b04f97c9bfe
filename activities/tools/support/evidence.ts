import { z } from 'zod';
import type { EvidenceItem } from '#workflows/domain/agent/completion.ts';

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
