import { z } from 'zod';

/** What the import reads of the front matter of SPEC_SUMMARY.md. The outputs of phases are checked later. */
export const specSummary = z.looseObject({
  title: z.string(),
  description: z.string().default(''),
  plan: z
    .looseObject({
      requirements: z.looseObject({ requirements: z.array(z.string()) }).optional(),
      tasks: z.looseObject({ tickets: z.array(z.string()), tasks: z.array(z.string()) }).optional(),
      sync: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
});

/** A requirement, ticket or task. */
export const specItem = z.looseObject({ id: z.string() });
