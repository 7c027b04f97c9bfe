import { z } from 'zod';
import { flag, positive, seconds, share } from './config-values.ts';

export const discoverySettings = z.strictObject({
  max_depth: positive.default(3),
  per_task: positive.default(5),
  open_per_ticket: positive.default(20),
  similarity: share.default(0.85),
  diagnostic_similarity: share.default(0.9),
  /** How often a failure whose earlier work has ended may open work on a ticket before a person is asked. */
  repeat_signature_limit: positive.default(3),
});

const wip = z.coerce.number().int().min(0).max(10_000);

/** PLAN-28: so many tickets are in a column at most, unless the project says otherwise. 0: without limit. */
export const boardSettings = z.strictObject({
  wip_analyzing: wip.default(5),
  wip_building: wip.default(10),
  wip_testing: wip.default(8),
  wip_deploying: wip.default(3),
});

export const ticketSettings = z.strictObject({
  /** PLAN-27: so long a ticket waits for its approval, unless the project says otherwise. */
  approval_timeout: seconds.default(1800),
  /** PLAN-24: after so long without progress it is looked for what blocks a ticket. */
  blocked_after: seconds.default(1800),
});

/** DISC-08, DISC-09, EXEC-38: why tickets do not move. */
export const diagnosticSettings = z.strictObject({
  /** Tickets of which nothing can go on are diagnosed, unless the project says otherwise. */
  enabled: flag.default(true),
  /** Work that removes the cause begins by itself where more work can, unless the project says otherwise. */
  auto_recover: flag.default(true),
  /** Seconds without a change after which a ticket of which nothing can go on is stuck. */
  stuck_after: seconds.default(60),
  /** Seconds between two diagnoses of a ticket. */
  cooldown: seconds.default(60),
  /** Recoveries in a row that may fail before a person is needed. */
  max_failures: positive.default(3),
  max_per_ticket: positive.default(10),
});

/** MEM-01 to 08: what is learned from attempts, and what later ones get of it. */
export const memorySettings = z.strictObject({
  /** Who names the type of a memory and its rules: the small model, or words alone, which cost nothing. */
  reflect_with: z.enum(['model', 'words']).default('model'),
  /** Cosine similarity from which on an earlier attempt is given to a new one, with embeddings that know meanings. */
  similarity: share.default(0.7),
  /** The same with embeddings that know words alone. */
  lexical_similarity: share.default(0.3),
  /** Tokens of the opening message for what was learned. */
  prompt_tokens: positive.default(2000),
});

const amount = z.coerce.number().min(0);

/** EXEC-40: what measured work must meet. */
export const qualitySettings = z.strictObject({
  /** Percent. */
  coverage: amount.max(100).default(80),
  /** Findings of the linter. */
  lint: amount.default(0),
  complexity: amount.default(10),
  /** 0 to 1. */
  overall: share.default(0.7),
});
