import { z } from 'zod';
import { criterionVerdictSchema } from '#workflows/domain/requirements/verdict.ts';
import { unknownCriteria } from '../ports/unknown-criteria.ts';
import { asRanCommand, evidenceSchema, readEvidence, recordedEvidence } from './support/evidence.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  passed: z.boolean(),
  feedback: z.string().max(20_000).default(''),
  evidence: evidenceSchema,
  unverified: z.array(z.string().max(2000)).max(20).default([]),
  recommendations: z.array(z.string().max(2000)).max(20).default([]),
  criteria: z.array(criterionVerdictSchema).max(100).default([]),
});

export const submitReview = defineTool({
  name: 'submit_review',
  sessions: ['validation'],
  effect: 'record',
  description:
    'Submit your verdict and end the review. passed: you saw no criterion fail and no serious problem. unverified: each criterion that this sandbox cannot show, with what is missing. feedback: what is wrong, where, how to see it, most serious first (needed when it did not pass). evidence: for each criterion the bash call of yours that shows it, by its command as you ran it or, where that is long, by its id; exit code and output are on record. criteria: your verdict on each acceptance criterion of the requirements that the task serves: met, confidence from 0 to 1, evidence, reasoning; one that another task has to bring is not met.',
  schema,
  async run(input, { record, services }: PlatformContext) {
    if (!input.passed && input.feedback.trim() === '')
      return refused('A review that does not pass needs feedback: say what is wrong and how to see it.');
    const unknown = await unknownCriteria(services, record, input.criteria);
    if (unknown) return refused(unknown);
    const commands = (await services.store.toolCalls.commands(record)).map(asRanCommand);
    const evidence = (readEvidence(input.evidence) ?? []).map((item) => recordedEvidence(item, commands));
    return {
      text: 'Review submitted.',
      outcome: {
        kind: 'reviewed',
        passed: input.passed,
        feedback: input.feedback,
        evidence,
        criteria: input.criteria,
        // A person reads the recommendations with the review.
        recommendations: [...input.unverified.map((text) => `Not verified: ${text}`), ...input.recommendations],
      },
    };
  },
});
