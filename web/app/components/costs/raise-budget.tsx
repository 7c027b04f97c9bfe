import { useState } from 'react';
import { raiseBudget } from '#server/contracts/budgets.ts';
import type { spentBudget } from '../../lib/spent-budget.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';

/** Sets a higher limit of a spent budget; the runs that wait for it continue. */
export function RaiseBudget({
  budget,
  onRaised,
}: {
  budget: NonNullable<ReturnType<typeof spentBudget>>;
  onRaised?: () => void;
}) {
  const lacks = useLacks('task:write');
  const raise = useCommand(raiseBudget);
  const scope = budget.scope_type === 'global' ? 'organization' : budget.scope_type;
  const [limit, setLimit] = useState(Number.NaN);
  const send = async () => {
    if (await raise.run({ body: { ...budget, limit_amount: limit } })) onRaised?.();
  };
  return (
    <form
      aria-label={`Raise the budget of this ${scope}`}
      className="mt-3 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field label={`New budget of this ${scope} in dollars`}>
        <TextInput
          type="number"
          required
          min={0.01}
          step="any"
          onChange={(event) => setLimit(event.target.valueAsNumber)}
        />
      </Field>
      <Button type="submit" look="primary" busy={raise.busy} because={lacks} disabled={!(limit > 0)}>
        Raise and continue
      </Button>
      <CommandError error={raise.error} />
    </form>
  );
}
