import { useState } from 'react';
import { wakers } from '#workflows/domain/notifications/kinds.ts';
import { money } from '../../lib/format.ts';
import { isoOf, nextMorning, nightProblems } from '../../lib/night-form.ts';
import { useZone } from '../../lib/now.ts';
import { Checkbox, Field, TextArea, TextInput } from '../field.tsx';
import { wakerNames } from '../work/night.tsx';

/** What holds while nobody watches. What was filled in stays while the part is folded, and is sent only while it is open. */
export function NightFields({
  raiseUsd,
  error,
}: {
  raiseUsd: number;
  error: { details?: unknown } | null | undefined;
}) {
  const [open, setOpen] = useState(false);
  const [until, setUntil] = useState('');
  const zone = useZone();
  const problems = nightProblems(error);
  return (
    <div>
      <Checkbox
        name="night"
        label="Runs through a night without me"
        checked={open}
        aria-controls="night-terms"
        aria-expanded={open}
        onChange={({ target: { checked } }) => {
          setOpen(checked);
          if (checked && until === '') setUntil(nextMorning(new Date()));
        }}
      />
      <fieldset
        id="night-terms"
        hidden={!open}
        disabled={!open}
        className="mt-1 grid gap-3 rounded-md border bg-subtle p-3 sm:grid-cols-2"
      >
        <legend className="sr-only">Terms of the night</legend>
        <Field
          label="No turn begins after"
          error={problems.stop_at}
          hint={`Time zone ${zone}. It pauses then, until somebody resumes it. Empty: it works until it is done.`}
        >
          <TextInput
            type="datetime-local"
            step="any"
            value={until}
            aria-invalid={problems.stop_at !== undefined}
            onChange={({ target: { value } }) => setUntil(value)}
          />
          <input type="hidden" name="stop_at" value={isoOf(until)} />
        </Field>
        <Field
          label="Raise the limit of each run by $, once a night"
          error={problems.raise_usd}
          hint={`0: it waits for a person. Empty: ${raiseUsd > 0 ? money(raiseUsd * 1e6) : 'it waits'}, as this installation does.`}
        >
          <TextInput
            name="raise_usd"
            type="number"
            step="any"
            inputMode="decimal"
            aria-invalid={problems.raise_usd !== undefined}
          />
        </Field>
        <Field
          label="Files that no agent changes"
          error={problems.forbidden_paths}
          hint="Files, folders and globs of the repository, one a line, such as migrations or docs/**."
        >
          <TextArea
            name="forbidden_paths"
            rows={3}
            spellCheck={false}
            aria-invalid={problems.forbidden_paths !== undefined}
            className="figures"
          />
        </Field>
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-soft">Tell me at once, in quiet hours too</legend>
          <div className="flex flex-col">
            {wakers.map((waker) => (
              <Checkbox key={waker} name="wake_me" value={waker} label={wakerNames[waker]} />
            ))}
          </div>
        </fieldset>
      </fieldset>
    </div>
  );
}
