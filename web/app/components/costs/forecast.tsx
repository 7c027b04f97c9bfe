import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { forecastCost } from '#server/contracts/costs.ts';
import { money, percent } from '../../lib/format.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { Card, Empty, Notice, Stat } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, Select, TextInput } from '../field.tsx';
import { RowTitle, Table, type Column } from '../table.tsx';

type Forecast = Answer<typeof forecastCost>;
/** A spec at work, with what it will have cost at its end. */
export type SpecForecast = { id: string; title: string; status: string } & Pick<
  Forecast,
  'spent_micros' | 'low_micros' | 'high_micros' | 'limit_micros' | 'remaining_micros' | 'basis'
>;

const columns: Column<SpecForecast>[] = [
  {
    id: 'title',
    head: 'Spec',
    main: true,
    cell: (row) => (
      <RowTitle title={row.title} note={row.basis === 'assumption' ? 'by the rule' : 'from finished work'} />
    ),
  },
  { id: 'spent', head: 'Spent', right: true, cell: (row) => <Figure>{money(row.spent_micros)}</Figure> },
  {
    id: 'range',
    head: 'At its end',
    right: true,
    from: 'sm',
    cell: (row) => (
      <Figure>
        {money(row.low_micros)} to {money(row.high_micros)}
      </Figure>
    ),
  },
  {
    id: 'left',
    head: 'Left of its budget',
    right: true,
    from: 'md',
    cell: (row) => (
      <Figure>
        {row.limit_micros === null ? 'no budget' : `${money(row.remaining_micros ?? 0)} of ${money(row.limit_micros)}`}
      </Figure>
    ),
  },
];

/** What work will cost: before its launch, and of the specs at work. */
export function CostsForecast({
  projects,
  specs,
}: {
  projects: readonly { id: string; name: string }[];
  specs: readonly SpecForecast[];
}) {
  const [project, setProject] = useState('');
  const [kind, setKind] = useState<'feature' | 'tasks'>('feature');
  const [tasks, setTasks] = useState(10);
  const { answer, error } = useAnswer(forecastCost, {
    body: {
      project_id: project || undefined,
      ...(kind === 'feature' ? { mode: 'spec_driven' as const } : { tasks: Math.min(1000, Math.max(1, tasks)) }),
    },
  });
  return (
    <div className="space-y-4">
      <Card title="Before a launch">
        <div className="grid gap-3 sm:grid-cols-[1fr_1.5fr_1fr]">
          <Field label="Project">
            <Select value={project} onChange={(event) => setProject(event.target.value)}>
              <option value="">Any project</option>
              {projects.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Work">
            <Select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
              <option value="feature">A feature, planned in phases</option>
              <option value="tasks">Tasks</option>
            </Select>
          </Field>
          {kind === 'tasks' && (
            <Field label="Number of tasks">
              <TextInput
                type="number"
                min={1}
                max={1000}
                value={Number.isNaN(tasks) ? '' : tasks}
                onChange={(event) => setTasks(event.target.valueAsNumber)}
              />
            </Field>
          )}
        </div>
        <CommandError error={error} />
        {answer && <Range forecast={answer} />}
      </Card>
      <Card title="Specs at work" flush>
        {specs.length === 0 ? (
          <Empty title="No spec is at work">A spec that runs is shown here, with its cost so far and at its end.</Empty>
        ) : (
          <Table label="Specs at work" columns={columns} rows={specs} to={(row) => `/specs/${row.id}`} />
        )}
      </Card>
    </div>
  );
}

function Range({ forecast }: { forecast: Forecast }) {
  const { low_micros: low, mid_micros: mid, high_micros: high, assumptions, refused_by: refused } = forecast;
  return (
    <div className="mt-4 space-y-3" aria-live="polite">
      <dl className="grid grid-cols-3 gap-4">
        <Stat name="Low">{money(low)}</Stat>
        <Stat name="Most likely">{money(mid)}</Stat>
        <Stat name="High">{money(high)}</Stat>
      </dl>
      <p className="text-sm">{forecast.message}</p>
      {forecast.basis === 'assumption' && (
        <p className="text-xs text-muted">
          Low: {assumptions.tokens_per_task} tokens a task, half of them output, at the price of {forecast.model}. Most
          likely: {percent(assumptions.buffer - 1)} more. High: {percent(assumptions.retries - 1)} for retries, times{' '}
          {assumptions.factor}.
        </p>
      )}
      {refused && (
        <Notice tone="warn">
          The budget of this {refused.scope_type === 'global' ? 'organization' : refused.scope_type} has{' '}
          {money(Math.round(refused.remaining_amount * 1e6))} left, so the work may wait for more.
        </Notice>
      )}
    </div>
  );
}

const Figure = ({ children }: { children: React.ReactNode }) => <span className="figures">{children}</span>;
