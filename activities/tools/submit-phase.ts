import { z } from 'zod';
import { present } from '#workflows/domain/errors.ts';
import { completeDraft, mergeDraft } from '#workflows/domain/phases/draft.ts';
import type { PhaseId } from '#workflows/domain/phases/index.ts';
import { parseSubmission, submissionSchema } from '#workflows/domain/phases/submission.ts';
import type { PhaseFields, RunOutcome } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Store } from '../ports/store.ts';
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
    description: `Submit the result of this phase. With "partial": true your fields are merged into the stored draft (lists by id) and nothing is checked; without it the whole is checked, with the draft, and the answer lists all problems.`,
    schema,
    inputSchema: submissionSchema(phase),
    async run(input, { record, services: { store } }: PlatformContext) {
      const kept = await submissionOf(store, record, phase);
      const draft = kept.draft ?? {};
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
        await kept.saveDraft(merged);
        return {
          text: `Merged into the draft: ${describe(merged)}. Add the rest, then call submit_${phase} without "partial".`,
          outcome: { kind: 'drafted' },
        };
      }
      const whole = completeDraft(draft, input, { judged: kept.judged });
      const checked = parseSubmission(phase, whole);
      if ('problems' in checked) {
        const more = checked.more > 0 ? `\n... and ${checked.more} more` : '';
        const text = `The submission does not fit the schema:\n${checked.problems.map((p) => `${p.pointer || '/'}: ${p.message}`).join('\n')}${more}\nFix these and call submit_${phase} again; fields that you leave out are taken from the draft.`;
        return { text, is_error: true, error_kind: 'bad_input' };
      }
      await kept.saveOutput(checked.ok as PhaseFields);
      return { text: 'Submitted. The gate evaluates it now.', outcome: { kind: 'submitted' } };
    },
  });

/**
 * Where a run keeps its draft and its submission: in the attempt at its phase. A fork keeps them in its own record,
 * since the phase that it was forked from goes on without it.
 */
async function submissionOf(store: Store, run: Run, phase: PhaseId) {
  if (run.forked_from_run_id) {
    const { draft = null, submission } = run.outcome ?? {};
    const save = (fields: Pick<RunOutcome, 'draft' | 'submission'>) =>
      store.runs.setOutcome(run.organization_id, run.id, { ...run.outcome, ...fields });
    return {
      draft,
      judged: submission !== undefined,
      saveDraft: (merged: PhaseFields) => save({ draft: merged }),
      saveOutput: (output: PhaseFields) => save({ draft: output, submission: output }),
    };
  }
  const specId = present(run.spec_id, 'the spec of the phase');
  const attempt = await store.specs.attempt(specId, phase, run.attempt);
  return {
    draft: attempt.draft,
    judged: attempt.draft_judged,
    saveDraft: (merged: PhaseFields) => store.specs.saveDraft(specId, phase, run.attempt, merged, false),
    saveOutput: (output: PhaseFields) => store.specs.saveOutput(specId, phase, run.attempt, output),
  };
}

function describe(draft: Record<string, unknown>): string {
  return Object.entries(draft)
    .map(([key, value]) => (Array.isArray(value) ? `${key} (${value.length})` : key))
    .join(', ');
}
