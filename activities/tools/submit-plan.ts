import { z } from 'zod';
import { isComputed, planSchema } from '#workflows/domain/phases/compact.ts';
import { completeDraft, mergeDraft, type PhaseDraft } from '#workflows/domain/phases/draft.ts';
import { phaseIds, planSession, type PhaseId } from '#workflows/domain/phases/index.ts';
import { parseSubmission } from '#workflows/domain/phases/submission.ts';
import type { PhaseFields } from '#prisma/store/json.ts';
import type { Run } from '#prisma/store/runs.ts';
import { present } from '#workflows/domain/errors.ts';
import type { Store } from '../ports/store.ts';
import { openSectionsOf, startSection } from '../spec/plan-sections.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext, ToolResult } from './support/tool.ts';

const schema = z.record(z.string(), z.unknown());
const maxBytes = 800_000;
const name = `submit_${planSession}`;

const refused = (text: string): ToolResult => ({ text, is_error: true, error_kind: 'bad_input' });

const isFields = (value: unknown): value is PhaseFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `submit_plan`: extends the drafts of a compact plan's sections, or submits them all. */
export const submitPlan = defineTool({
  name,
  sessions: ['phase'],
  phase: planSession,
  effect: 'record',
  description:
    'Submit the plan, one field a section. With "partial": true the sections are merged into the stored drafts (lists by id) and nothing is checked; without it the plan is checked as a whole, with the drafts, and the answer lists all problems.',
  schema,
  inputSchema: planSchema(phaseIds),
  async run(input, { record, services: { store } }: PlatformContext) {
    const { partial, ...given } = input;
    const wrong = Object.entries(given).find(
      ([section, fields]) => !phaseIds.some((phase) => phase === section) || !isFields(fields),
    );
    if (wrong)
      return refused(
        `"${wrong[0]}" is not a section with fields. The sections are ${phaseIds.join(', ')}; each is an object. Call ${name} again.`,
      );
    const kept = await sectionsOf(store, record);
    const closed = Object.keys(given).filter((section) => !kept.open.some(({ phase }) => phase === section));
    const note = closed.length ? ` Already passed and left as it is: ${closed.join(', ')}.` : '';
    const size = JSON.stringify(given).length + JSON.stringify(kept.open.map(({ draft }) => draft)).length;
    if (size > maxBytes)
      return refused(
        `The plan would be ${Math.round(size / 1000)} kB; the limit is ${maxBytes / 1000} kB. Shorten it.`,
      );

    if (partial === true || partial === 'true') {
      const merged = kept.open.flatMap(({ phase, draft }) =>
        isFields(given[phase]) ? [{ phase, fields: mergeDraft(draft, given[phase]) }] : [],
      );
      await kept.saveDrafts(merged);
      const missing = kept.open.filter(
        ({ phase, draft }) => !(phase in given) && Object.keys(draft).length === 0 && !isComputed(phase),
      );
      const rest = missing.length ? `Still missing: ${missing.map(({ phase }) => phase).join(', ')}. ` : '';
      return {
        text: `Merged into the draft: ${merged.map(({ phase, fields }) => describe(phase, fields)).join('; ')}.${note} ${rest}Then call ${name} without "partial".`,
        outcome: { kind: 'drafted' },
      };
    }

    const whole = kept.open.map(({ phase, draft, judged }) => {
      const added = given[phase];
      return { phase, fields: isFields(added) ? completeDraft(draft, added, { judged }) : draft };
    });
    const checked = whole.map(({ phase, fields }) => ({ phase, fields, parsed: parseSubmission(phase, fields) }));
    const problems = checked.flatMap(({ phase, fields, parsed }) => {
      if (Object.keys(fields).length === 0 && !isComputed(phase)) return [`/${phase}: This section is missing.`];
      if (!('problems' in parsed)) return [];
      const more = parsed.more > 0 ? [`/${phase}: ... and ${parsed.more} more`] : [];
      return [...parsed.problems.map((p) => `/${phase}${p.pointer}: ${p.message}`), ...more];
    });
    if (problems.length > 0)
      return refused(
        `The plan does not fit its schema:\n${problems.join('\n')}\nFix these and call ${name} again; sections and fields that you leave out are taken from the draft.`,
      );
    await kept.submit(
      checked.flatMap(({ phase, parsed }) =>
        'ok' in parsed ? [{ phase, fields: { ...parsed.ok } as PhaseFields }] : [],
      ),
    );
    return { text: `Submitted.${note} The gates evaluate it now.`, outcome: { kind: 'submitted' } };
  },
});

interface Section {
  phase: PhaseId;
  draft: PhaseDraft;
  /** A gate has refused the draft: what is given replaces its fields. */
  judged: boolean;
}
type Filled = { phase: PhaseId; fields: PhaseFields }[];

/**
 * Where a run keeps its sections: in the attempts at their phases. A fork keeps them in its own record, since the spec
 * that it was forked from goes on without it.
 */
async function sectionsOf(store: Store, run: Run) {
  if (run.forked_from_run_id) {
    const { draft = {}, submission } = run.outcome ?? {};
    const save = (sections: Filled, submitted: boolean) => {
      const all = { ...draft, ...Object.fromEntries(sections.map(({ phase, fields }) => [phase, fields])) };
      return store.runs.setOutcome(run.organization_id, run.id, {
        ...run.outcome,
        draft: all,
        ...(submitted ? { submission: all } : {}),
      });
    };
    const open = phaseIds.map((phase): Section => {
      const fields = draft[phase];
      return { phase, draft: isFields(fields) ? fields : {}, judged: submission !== undefined };
    });
    return {
      open,
      saveDrafts: (sections: Filled) => save(sections, false),
      submit: (sections: Filled) => save(sections, true),
    };
  }
  const specId = present(run.spec_id, 'the spec of the plan');
  const sections = await openSectionsOf(store, run);
  const save = async (filled: Filled, put: 'draft' | 'output') => {
    for (const { phase, fields } of filled) {
      const section = sections.find((one) => one.phase === phase);
      const { attempt } = await startSection(store, run, section ?? { phase, last: undefined });
      if (put === 'draft') await store.specs.saveDraft(specId, phase, attempt, fields, false);
      else await store.specs.saveOutput(specId, phase, attempt, fields);
    }
  };
  return {
    open: sections.map(({ phase, last }): Section => {
      // The next attempt starts with the result of the last one.
      const running = last?.status === 'running';
      const kept = running ? last.draft : (last?.output ?? last?.draft);
      return { phase, draft: kept ?? {}, judged: running ? last.draft_judged : last?.output != null };
    }),
    saveDrafts: (filled: Filled) => save(filled, 'draft'),
    submit: (filled: Filled) => save(filled, 'output'),
  };
}

function describe(phase: string, fields: PhaseFields): string {
  const parts = Object.entries(fields).map(([key, value]) => (Array.isArray(value) ? `${key} (${value.length})` : key));
  return `${phase} with ${parts.join(', ')}`;
}
