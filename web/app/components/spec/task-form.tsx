import { planTaskTypes } from '#workflows/domain/phases/tasks.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { fieldProblem } from '../../lib/field-problem.ts';
import { sentence } from '../../lib/format.ts';
import type { TaskDraft } from '../../lib/task-draft.ts';
import type { GateForm } from '../../lib/use-gate-form.ts';
import { Field, Select, TextArea, TextInput } from '../field.tsx';
import { CriteriaFields } from './criteria-fields.tsx';
import { GateFormFrame } from './gate-form-frame.tsx';

const lists = [
  { name: 'files_to_create', label: 'Files to create, one a line' },
  { name: 'files_to_modify', label: 'Files to change, one a line' },
] as const;
const ids = [
  { name: 'depends_on', label: 'After the tasks' },
  { name: 'requirements_addressed', label: 'Requirements' },
] as const;

/** The form of a task of the plan. A refusal is shown at the field that it names. */
export function TaskForm({
  form,
  tickets,
  busy,
  onChange,
  onSave,
  onClose,
}: {
  form: GateForm<TaskDraft>;
  tickets: readonly { id: string; title: string }[];
  busy: boolean;
  onChange: (draft: TaskDraft) => void;
  onSave: () => void;
  onClose: () => void;
}) {
  const { draft, error } = form;
  const put = (change: Partial<TaskDraft>) => onChange({ ...draft, ...change });
  const at = (name: string) => fieldProblem(error, name, sentence(name));
  return (
    <GateFormFrame
      form={form}
      label={form.id ? `Edit ${form.id}` : 'New task'}
      newer={`${form.before.title}\n${form.before.description}`}
      busy={busy}
      lacking={draft.title.trim() === '' || draft.description.trim() === ''}
      onSave={onSave}
      onClose={onClose}
    >
      {form.id && <p className="figures text-xs text-muted">{form.id}</p>}
      <Field label="Title" error={at('title')}>
        <TextInput
          autoFocus
          required
          maxLength={200}
          value={draft.title}
          onChange={(event) => put({ title: event.target.value })}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-4">
        <Field label="Ticket" error={at('parent_ticket')}>
          <Select value={draft.parent_ticket} onChange={(event) => put({ parent_ticket: event.target.value })}>
            {tickets.map(({ id, title }) => (
              <option key={id} value={id}>
                {id} {title}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Type" error={at('type')}>
          <Select value={draft.type} onChange={(event) => put({ type: event.target.value })}>
            {planTaskTypes.map((one) => (
              <option key={one} value={one}>
                {sentence(one)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Priority" error={at('priority')}>
          <Select value={draft.priority} onChange={(event) => put({ priority: event.target.value })}>
            {priorities.map((one) => (
              <option key={one} value={one}>
                {sentence(one.toLowerCase())}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Hours" error={at('estimated_hours')}>
          <TextInput
            type="number"
            min={0}
            step="any"
            required
            value={draft.estimated_hours}
            onChange={(event) => put({ estimated_hours: event.target.value })}
          />
        </Field>
      </div>
      <Field
        label="Description (Markdown)"
        hint="The agent that does the task sees nothing else of the plan."
        error={at('description')}
      >
        <TextArea
          required
          rows={6}
          maxLength={20_000}
          value={draft.description}
          onChange={(event) => put({ description: event.target.value })}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        {lists.map(({ name, label }) => (
          <Field key={name} label={label} error={at(name)}>
            <TextArea
              rows={3}
              value={draft[name]}
              onChange={(event) => put({ [name]: event.target.value })}
              className="font-mono !text-xs"
            />
          </Field>
        ))}
        {ids.map(({ name, label }) => (
          <Field key={name} label={`${label}, ids separated by commas`} error={at(name)}>
            <TextInput
              value={draft[name]}
              onChange={(event) => put({ [name]: event.target.value })}
              className="font-mono !text-xs"
            />
          </Field>
        ))}
      </div>
      <CriteriaFields criteria={draft.criteria} onChange={(criteria) => put({ criteria })} />
    </GateFormFrame>
  );
}
