import { useState } from 'react';
import { raiseRoles, setBudget } from '#server/contracts/budgets.ts';
import type { Input } from '#server/contracts/client.ts';
import { budgetPeriods } from '#workflows/domain/billing/periods.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { phaseIdsOfBoard } from '#workflows/domain/tasks/states.ts';
import { phaseName, scopeName, type BudgetItem } from '../../lib/costs.ts';
import { sentence } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, Select, TextInput } from '../field.tsx';

type Body = Input<typeof setBudget>['body'];

const scopes = {
  global: 'The whole organization',
  project: 'A project',
  phase: 'A phase',
  spec: 'A spec',
  ticket: 'A ticket',
};
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Sets a budget, or changes one. */
export function SetBudget({
  budget,
  projects,
  onClose,
}: {
  budget?: BudgetItem;
  projects: readonly { id: string; name: string }[];
  onClose: () => void;
}) {
  const set = useCommand(setBudget);
  const [type, setType] = useState<string>(budget?.scope_type ?? 'global');
  const send = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim();
    // The address of a page ends with the id of its record.
    const id = budget?.scope_id ?? text('scope_id').match(uuid)?.at(-1) ?? text('scope_id');
    const period = (text('period') || null) as Body['period'];
    // An end of its own stays, but not one that is over.
    const end = !period && !budget?.period && budget?.period_end;
    const body: Body = {
      scope_type: type as Body['scope_type'],
      scope_id: type === 'global' ? undefined : id,
      limit_amount: Number(text('limit')),
      alert_threshold: Number(text('alert')) / 100,
      period,
      ...(end && Date.parse(end) > Date.now() ? { period_end: end } : {}),
      raise_role: text('role') as Body['raise_role'],
    };
    if (await set.run({ body })) onClose();
  };
  return (
    <Dialog open onClose={onClose} title={budget ? `Budget: ${scopeName(budget)}` : 'Set a budget'}>
      <CommandForm command={set} act="Save" onCancel={onClose} onSubmit={send}>
        {!budget && (
          <Field label="For">
            <Select value={type} onChange={(event) => setType(event.target.value)}>
              {Object.entries(scopes).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {!budget && type !== 'global' && <ScopeField type={type} projects={projects} />}
        <Field label="Limit in dollars" hint="Runs wait when it is spent. A higher limit lets them continue.">
          <TextInput
            name="limit"
            type="number"
            required
            min={0.01}
            step="any"
            defaultValue={budget?.limit_amount}
            inputMode="decimal"
          />
        </Field>
        <div className="grid gap-3 sm:grid-cols-3">
          <Field label="Begins again">
            <Select name="period" defaultValue={budget?.period ?? ''}>
              <option value="">Never</option>
              {budgetPeriods.map((period) => (
                <option key={period} value={period}>
                  Each {period}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Warns at %">
            <TextInput
              name="alert"
              type="number"
              required
              min={0}
              max={100}
              defaultValue={Math.round((budget?.alert_threshold ?? 0.8) * 100)}
            />
          </Field>
          <Field label="May be raised by">
            <Select name="role" defaultValue={budget?.raise_role ?? 'admin'}>
              {raiseRoles.map((role) => (
                <option key={role} value={role}>
                  {sentence(role)}s
                </option>
              ))}
            </Select>
          </Field>
        </div>
      </CommandForm>
    </Dialog>
  );
}

function ScopeField({ type, projects }: { type: string; projects: readonly { id: string; name: string }[] }) {
  const phases = [...phaseIds, ...phaseIdsOfBoard];
  const options =
    type === 'project'
      ? projects.map(({ id, name }) => ({ id, name }))
      : phases.map((id) => ({ id, name: `${id.startsWith('PHASE_') ? 'Board' : 'Planning'}: ${phaseName(id)}` }));
  if (type !== 'project' && type !== 'phase')
    return (
      <Field label={`Id of the ${type}, or the address of its page`}>
        <TextInput name="scope_id" required />
      </Field>
    );
  return (
    <Field label={sentence(type)}>
      <Select name="scope_id" required>
        {options.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}
