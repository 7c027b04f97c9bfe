import { z } from 'zod';

/** The verdict on pairs of runs that may do the same work. */
export const conductorSchema = z.object({
  duplicates: z
    .array(
      z.object({
        first_run_id: z.string(),
        second_run_id: z.string(),
        is_duplicate: z.boolean().default(true),
        similarity_score: z.number().min(0).max(1),
        work_description: z.string().max(1000),
        confidence: z.number().min(0).max(1).default(1),
        resources: z.array(z.string()).max(50).default([]),
      }),
    )
    .max(50)
    .default([]),
});
