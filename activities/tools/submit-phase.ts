import { z } from 'zod';
import { present } from '#workflows/domain/errors.ts';
import { completeDraft, mergeDraft } from '#workflows/domain/phases/draft.ts';
import type { PhaseId } from '#workflows/domain/phases/index.ts';
import { parseSubmission, submissionSchema } from '#workflows/domain/phases/submission.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';

const schema = z.record(z.string(), z.unknown());
const maxBytes = 400_000;

/** `submit_<phase>`: extends the stored draft, or submits it. */
export const submitPhase = (phase: PhaseId) =>
  defineTool({
    name: `submit_${phase}`,
    sessions: ['phase'],
    phase,
    effect: 'record',
    description: `Submit the result of this phase. With "partial": true your fields are merged into the stored draft (lists by id) and nothing is checked; without it the draft is completed with your fields and checked as a whole, and the answer lists all problems. The stored draft survives interruptions.`,
    schema,
    inputSchema: submissionSchema(phase),
    async run(input, { record, services: { store } }: PlatformContext) {
      const specId = present(record.spec_id, 'the spec of the phase');
      const attempt = await store.specs.attempt(specId, phase, record.attempt);
      const draft = attempt.draft ?? {};
      const size = JSON.stringify(input).length + JSON.stringify(draft).length;
      if (size > maxBytes)
        return {
          text: `The submission would be ${Math.round(size / 1000)} kB; the limit is ${maxBytes / 1000} kB. Shorten it.`,
          is_error: true,
          error_kind: 'bad_input',
        };
      const partial = input.partial === true || input.partial === 'true';
      if (partial) {
        const merged = mergeDraft(draft, input);
        await store.specs.saveDraft(specId, phase, record.attempt, merged, false);
        return {
          text: `Merged into the draft: ${describe(merged)}. Add the rest, then call submit_${phase} without "partial".`,
          outcome: { kind: 'drafted' },
        };
      }
      const whole = completeDraft(draft, input, { judged: attempt.draft_judged });
      const checked = parseSubmission(phase, whole);
      if ('problems' in checked) {
        const more = checked.more > 0 ? `\n... and ${checked.more} more` : '';
        const text = `The submission does not fit the schema:\n${checked.problems.map((p) => `${p.pointer || '/'}: ${p.message}`).join('\n')}${more}\nFix these and call submit_${phase} again; fields that you leave out are taken from the draft.`;
        return { text, is_error: true, error_kind: 'bad_input' };
      }
      await store.specs.saveOutput(specId, phase, record.attempt, checked.ok as object);
      return { text: 'Submitted. The gate evaluates it now.', outcome: { kind: 'submitted' } };
    },
  });

function describe(draft: Record<string, unknown>): string {
  return Object.entries(draft)
    .map(([key, value]) => (Array.isArray(value) ? `${key} (${value.length})` : key))
    .join(', ');
}
