import { useRef } from 'react';
import { lintRequirement, type Finding } from '#workflows/domain/requirements/lint.ts';
import { requirementCategories } from '#workflows/domain/requirements/ids.ts';
import type { EarsWords } from '#workflows/domain/requirements/words.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { changesOf, type RequirementDraft } from '../../lib/requirement-draft.ts';
import type { OpenForm, RequirementEdits } from '../../lib/use-requirement-edits.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, Select, TextArea, TextInput } from '../field.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import { CriteriaFields } from './criteria-fields.tsx';

const categories: Record<(typeof requirementCategories)[number], string> = {
  FUNC: 'Functional',
  PERF: 'Performance',
  SEC: 'Security',
  USE: 'Usability',
  REL: 'Reliability',
  CON: 'Constraint',
};

/** The form of one requirement. It shows what the sentence lacks while it is typed. */
export function RequirementForm({
  form,
  edits,
  words,
}: {
  form: OpenForm;
  edits: RequirementEdits;
  /** How the project words requirements beside English. */
  words?: EarsWords;
}) {
  const { draft, before, theirs } = form;
  const put = (change: Partial<RequirementDraft>) => edits.setForm({ ...form, draft: { ...draft, ...change } });
  const findings = lintRequirement(draft.text, words);
  const sentence = useRef<HTMLTextAreaElement>(null);
  const lacking =
    draft.title.trim() === '' ||
    findings.some(({ severity }) => severity === 'error') ||
    !draft.criteria.some(({ text }) => text.trim() !== '');
  const close = () => {
    edits.setForm(undefined);
    // The button that opened the form is drawn again in the next frame.
    setTimeout(() => document.getElementById(before ? `edit-${before.id}` : 'add-requirement')?.focus());
  };
  return (
    <form
      aria-label={before ? `Edit ${before.id}` : 'New requirement'}
      className="space-y-3 border-l-4 border-l-info-fill bg-side px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        void edits.save(form);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && before && !changesOf(before, draft).changed) close();
      }}
    >
      {before && <p className="figures text-xs text-muted">{before.id}</p>}
      {theirs && (
        <ConflictNotice what="This requirement">
          {theirs.title}: {theirs.text}
        </ConflictNotice>
      )}
      <div
        className={`grid gap-3 ${before ? 'sm:grid-cols-[minmax(0,1fr)_9rem]' : 'sm:grid-cols-[minmax(0,1fr)_9rem_9rem]'}`}
      >
        <Field label="Title">
          <TextInput
            autoFocus
            required
            maxLength={200}
            value={draft.title}
            onChange={(event) => put({ title: event.target.value })}
          />
        </Field>
        <Field label="Priority">
          <Select
            value={draft.priority}
            onChange={(event) =>
              put({ priority: priorities.find((one) => one === event.target.value) ?? draft.priority })
            }
          >
            {priorities.map((one) => (
              <option key={one} value={one}>
                {one.charAt(0) + one.slice(1).toLowerCase()}
              </option>
            ))}
          </Select>
        </Field>
        {!before && (
          <Field label="Category">
            <Select
              value={draft.category}
              onChange={(event) =>
                put({ category: requirementCategories.find((one) => one === event.target.value) ?? draft.category })
              }
            >
              {requirementCategories.map((one) => (
                <option key={one} value={one}>
                  {categories[one]}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </div>
      <Field
        label="Requirement"
        hint={findings.length === 0 && 'WHEN something happens, THE SYSTEM SHALL do something.'}
      >
        <TextArea
          required
          ref={sentence}
          rows={3}
          maxLength={2000}
          value={draft.text}
          onChange={(event) => put({ text: event.target.value })}
        />
      </Field>
      <Findings
        findings={findings}
        text={draft.text}
        show={({ start, end }) => {
          sentence.current?.focus();
          sentence.current?.setSelectionRange(start, end);
        }}
      />
      <CriteriaFields criteria={draft.criteria} onChange={(criteria) => put({ criteria })} />
      {!theirs && <CommandError error={form.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={lacking}>
          {theirs ? 'Save mine' : 'Save'}
        </Button>
        <Button onClick={close}>{theirs ? 'Keep theirs' : 'Cancel'}</Button>
      </div>
    </form>
  );
}

/** What the wording lacks. Each finding selects its words in the sentence. */
function Findings({
  findings,
  text,
  show,
}: {
  findings: readonly Finding[];
  text: string;
  show: (finding: Finding) => void;
}) {
  return (
    <ul aria-live="polite" aria-label="Wording" className="space-y-1 text-xs">
      {text.trim() !== '' &&
        findings.map((finding) => (
          <li key={`${finding.code} ${finding.start}`}>
            <button
              type="button"
              className={`text-left underline decoration-dotted underline-offset-2 ${finding.severity === 'error' ? 'text-bad' : 'text-warn'}`}
              onClick={() => show(finding)}
            >
              This sentence {finding.message}.
            </button>
          </li>
        ))}
    </ul>
  );
}
