import { z } from 'zod';

/** What a reviewer says of one acceptance criterion. `confidence` is from 0 to 1. */
export const criterionVerdictSchema = z.strictObject({
  criterion_id: z.string().min(1).max(200),
  met: z.boolean(),
  confidence: z.number().min(0).max(1),
  evidence: z.string().max(4000).default(''),
  reasoning: z.string().max(4000).default(''),
});
export type CriterionVerdict = z.output<typeof criterionVerdictSchema>;
export const verdictSchema = criterionVerdictSchema.omit({ criterion_id: true });
export type Verdict = z.output<typeof verdictSchema>;

/**
 * The last verdict on a criterion in reviews from oldest to newest. One that they leave out, though they judge others, is
 * not met, with confidence 0. Null where no review judges criteria one by one.
 */
export function verdictOn(criterion: string, reviews: { criteria: CriterionVerdict[] }[]): Verdict | null {
  const verdicts = reviews.flatMap((review) => review.criteria);
  if (verdicts.length === 0) return null;
  const last = verdicts.filter(({ criterion_id: id }) => id === criterion).at(-1);
  if (!last)
    return { met: false, confidence: 0, evidence: '', reasoning: 'The reviews of its tasks give no verdict on it.' };
  const { criterion_id: _known, ...verdict } = last;
  return verdict;
}
