import { z } from 'zod';
import { runners } from '#workflows/domain/agent/runners.ts';
import { positive, seconds, share, usd } from './config-values.ts';

/** Limits of runs, and what carries them on. */
export const runSettings = z.strictObject({
  max_turns: positive.default(150),
  max_usd: usd.default(5),
  max_seconds: seconds.default(7200),
  iteration_turns: positive.default(50),
  max_iterations: positive.default(10),
  notice_at: share.default(0.8),
  quiet_turns: positive.default(15),
  /** What carries on the runs of tasks. A project may choose another. */
  runner: z.enum(runners).default('loop'),
  /** Folder with the node_modules of the Claude Agent SDK, as a sandbox sees it; empty: where `npm root -g` says. */
  sdk_folder: z.string().default(''),
  question_timeout: seconds.default(3600),
  /** How long an agent goes on between two looks of its workflow; 0: one turn each. */
  stretch_seconds: z.coerce.number().min(0).max(600).default(10),
});

/** A run that answers a question about the code, of another run or of a person. */
export const exploreSettings = z.strictObject({
  turns: positive.default(40),
  timeout: seconds.default(600),
  /** Dollars for an answer to a person. A run that asks spends its own. */
  max_usd: usd.default(1),
});
