import { z } from 'zod';

/** Without an import of Temporal: the pages use it too. */
export const retryingSchema = z.object({
  /** The step that failed, by the name of its activity. */
  step: z.string(),
  /** ISO time of the first failure that is shown. */
  since: z.string(),
  /** The number of the next try. */
  attempt: z.number(),
  /** Why the last try failed, for a person. */
  error: z.string(),
  /** ISO time. */
  next_try_at: z.string(),
});

/** A step that failed with an error that can pass, and is tried again. */
export type Retrying = z.output<typeof retryingSchema>;
