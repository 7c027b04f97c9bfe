import { z } from 'zod';
import { wakers } from '#workflows/domain/notifications/kinds.ts';
import { laterMoment, usdAmount } from './contract.ts';

/** What a launch says for a night without people. */
export const nightTerms = z.strictObject({
  stop_at: laterMoment.optional().meta({
    description:
      'No turn begins after it: the spec, or each run of a ticket without one, pauses, and goes on when a person resumes it.',
  }),
  forbidden_paths: z
    .array(
      z
        .string()
        .min(1)
        .max(300)
        .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'must be relative, without ..'),
    )
    .max(100)
    .optional()
    .meta({
      description: 'Files, folders and globs (*, ?, **) of the repository. A change of them is refused to the agents.',
    }),
  raise_usd: z
    .union([z.literal(0), usdAmount(10_000)], 'must be 0, or from 0.01 to 10000 dollars with at most 6 decimals')
    .optional()
    .meta({
      description:
        'Dollars that the limit of each run grows by, once a night, instead of the setting night.raise_usd. 0: it waits for a person.',
    }),
  wake_me: z.array(z.enum(wakers)).max(wakers.length).optional().meta({
    description:
      'What is worth waking the person for: they are told at once by every channel, in quiet hours too. done: the pull request is open.',
  }),
});
