import { z } from 'zod';
import { findCommand } from '#workflows/domain/agent/completion.ts';
import { cutEnd } from '#workflows/domain/text.ts';
import { asRanCommand, evidenceSchema, readEvidence } from './support/evidence.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  passed: z.boolean(),
  feedback: z.string().max(20_000).default(''),
  evidence: evidenceSchema,
  unverified: z.array(z.string().max(2000)).max(20).default([]),
  recommendations: z.array(z.string().max(2000)).max(20).default([]),
});

export const submitReview = defineTool({
  name: 'submit_review',
  sessions: ['validation'],
  effect: 'record',
  description:
    'Submit your verdict and end the review. passed: you saw no criterion fail and no serious problem. unverified: each criterion that this sandbox cannot show, with what is missing. feedback: what is wrong, where, how to see it, most serious first (needed when it did not pass). evidence: for each criterion the command of yours that shows it.',
  schema,
  async run(input, { record, services }: PlatformContext) {
    if (!input.passed && input.feedback.trim() === '')
      return refused('A review that does not pass needs feedback: say what is wrong and how to see it.');
    const commands = (await services.store.toolCalls.commands(record)).map(asRanCommand);
    // The claim and the result of the command that really ran are both stored, so that a reader sees a difference.
    const evidence = (readEvidence(input.evidence) ?? []).map((item) => {
      const call = findCommand(item, commands);
      return {
        ...item,
        verified: call !== undefined && call.exit_code !== null,
        exit_code: call?.exit_code ?? item.exit_code ?? null,
        // The author of refused work is given the command that failed.
        ...(call?.exit_code && !item.excerpt ? { excerpt: cutEnd(call.output, 2000) } : {}),
      };
    });
    return {
      text: 'Review submitted.',
      outcome: {
        kind: 'reviewed',
        passed: input.passed,
        feedback: input.feedback,
        evidence,
        // A person reads the recommendations with the review.
        recommendations: [...input.unverified.map((text) => `Not verified: ${text}`), ...input.recommendations],
      },
    };
  },
});
