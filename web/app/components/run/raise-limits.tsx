import { useState } from 'react';
import { raiseRunLimits } from '#server/contracts/runs.ts';
import { changeSafety } from '#workflows/domain/access/permissions.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';

type Run = RunStream['run'];

/** The limits of a run as its form shows them: the time in minutes. */
const fields = [
  { name: 'max_turns', label: 'Turns', unit: 1, step: 1 },
  { name: 'max_seconds', label: 'Minutes', unit: 60, step: 'any' },
  { name: 'max_usd', label: 'Dollars', unit: 1, step: 'any' },
] as const;

/** Raises the limits of a run that waits at one of them. */
export function RaiseLimits({ run, onRaised }: { run: Run; onRaised: () => void }) {
  const lacks = useLacks(changeSafety);
  const raise = useCommand(raiseRunLimits);
  const limit = (name: string) => Number(run.limits[name]);
  const [wanted, setWanted] = useState<Partial<Record<(typeof fields)[number]['name'], number>>>({});
  const changed = Object.entries(wanted).filter(([name, value]) => value > limit(name));
  const send = async () => {
    if (await raise.run({ params: { id: run.id }, body: Object.fromEntries(changed) })) onRaised();
  };
  return (
    <form
      aria-label="Raise the limits of this run"
      className="mt-3 space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="grid grid-cols-2 items-end gap-3 sm:grid-cols-[repeat(3,7rem)_auto] sm:justify-start">
        {fields.map(({ name, label, unit, step }) => (
          <Field key={name} label={label}>
            <TextInput
              type="number"
              min={limit(name) / unit}
              step={step}
              defaultValue={limit(name) / unit}
              onChange={({ target }) => setWanted({ ...wanted, [name]: target.valueAsNumber * unit })}
            />
          </Field>
        ))}
        <Button type="submit" look="primary" busy={raise.busy} because={lacks} disabled={changed.length === 0}>
          Raise and continue
        </Button>
      </div>
      <CommandError error={raise.error} />
    </form>
  );
}
