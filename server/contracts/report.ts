import { z } from 'zod';
import { contract, isoTime } from './contract.ts';

export const report = contract({
  method: 'get',
  path: '/report',
  tag: 'report',
  summary: 'Report of runs, pull requests and cost since a time',
  auth: 'org:read',
  personal: true,
  query: z.object({ since: z.iso.datetime({ offset: true }).optional() }),
  response: z.object({
    since: isoTime,
    until: isoTime,
    runs: z.object({
      started: z.number(),
      completed: z.number(),
      failed: z.number(),
      cancelled: z.number(),
      active: z.number(),
      waiting: z.number(),
    }),
    waiting_on_you: z.array(z.looseObject({ kind: z.string(), id: z.string(), title: z.string(), reason: z.string() })),
    pull_requests: z.array(
      z.looseObject({
        id: z.string(),
        number: z.number().int(),
        title: z.string(),
        state: z.string(),
        url: z.string(),
      }),
    ),
    failures: z.array(z.looseObject({ run_id: z.string(), title: z.string(), reason: z.string() })),
    /** Open questions of plans, for which an assumption holds because nobody has answered. */
    decisions: z.array(
      z.object({
        spec_id: z.string(),
        project_id: z.string(),
        title: z.string(),
        phase: z.string(),
        question: z.string(),
        assumption: z.string(),
      }),
    ),
    /** Runs whose limit the night policy has raised. */
    night_raises: z.array(
      z.object({
        run_id: z.string(),
        title: z.string(),
        raised_micros: z.number().int(),
        max_usd: z.number(),
        at: isoTime,
      }),
    ),
    money: z.object({
      cost_micros: z.number(),
      cost_usd: z.number(),
      calls: z.number(),
      models: z.array(z.looseObject({ model: z.string(), cost_micros: z.number() })),
    }),
  }),
});
