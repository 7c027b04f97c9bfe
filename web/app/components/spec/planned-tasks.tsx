import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { addPlannedTask, changePlannedTask, removePlannedTask } from '#server/contracts/gate-edits.ts';
import type { PlanTask, TasksOutput } from '#workflows/domain/phases/tasks.ts';
import { call } from '../../lib/browser-api.ts';
import { newTask, taskChanges, taskDraft, type TaskDraft } from '../../lib/task-draft.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useGateForm } from '../../lib/use-gate-form.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button, IconButton } from '../button.tsx';
import { Card } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Prose } from '../markdown.tsx';
import { Priority } from './content.tsx';
import { MoveTask, TaskPlace, useTaskPlaces } from './task-places.tsx';
import { TaskForm } from './task-form.tsx';

const readTask = (output: TasksOutput, id: string | undefined): TaskDraft | undefined => {
  const task = output.tasks.find((one) => one.id === id);
  return task && taskDraft(task);
};

/** The tasks of the plan. They can be edited while the plan waits at its gate. */
export function PlannedTasks({ plan, page: { spec, phases } }: { plan: TasksOutput; page: SpecPage }) {
  const lacks = useLacks('document:write', spec.organization_id);
  const editable = !lacks && phases.some(({ phase, at_gate: atGate }) => phase === 'tasks' && atGate);
  const gate = useGateForm<TaskDraft, TasksOutput>(spec, 'tasks', readTask);
  const places = useTaskPlaces(
    spec.id,
    plan.tasks.map(({ id }) => id),
  );
  const [removing, setRemoving] = useState<PlanTask>();
  const remove = useCommand(removePlannedTask);
  const { form } = gate;
  const params = { id: spec.id };
  const open = (task: PlanTask | undefined) => {
    const draft = taskDraft(task, plan.tickets[0]?.id);
    gate.setForm({ id: task?.id, before: draft, draft, version: gate.version });
  };
  const close = () => {
    gate.setForm(undefined);
    // The button that opened the form is drawn again in the next frame.
    setTimeout(() => document.getElementById(form?.id ? `edit-${form.id}` : 'add-task')?.focus());
  };
  const save = () => {
    if (!form) return;
    const { id } = form;
    if (id === undefined) {
      const key = crypto.randomUUID();
      return void gate.save(form, (version) =>
        call(
          addPlannedTask,
          { params, body: { ...newTask(form.draft), version } },
          { idempotencyKey: `${key}-${version}` },
        ),
      );
    }
    const changes = taskChanges(form.before, form.draft);
    if (Object.keys(changes).length === 0) return close();
    void gate.save(form, (version) =>
      call(changePlannedTask, { params: { ...params, task: id }, body: { ...changes, version } }),
    );
  };
  const drawn = form && (
    <TaskForm
      form={form}
      tickets={plan.tickets}
      busy={gate.busy}
      onChange={(draft) => gate.setForm({ ...form, draft })}
      onSave={save}
      onClose={close}
    />
  );
  return (
    <Card
      title="Planned"
      flush
      aside={
        <span className="figures text-xs text-muted">
          {plan.tasks.length} tasks, {plan.total_estimated_hours} h
        </span>
      }
    >
      <div className="px-4 pt-2 empty:hidden">
        <CommandError error={places.error} />
      </div>
      <ul className="divide-y">
        {plan.tasks.map((task) => (
          <TaskPlace key={task.id} id={task.id} places={places} on={editable && !form}>
            {form?.id === task.id ? (
              drawn
            ) : (
              <PlannedTask task={task}>
                {editable && (
                  <span className="flex">
                    <MoveTask id={task.id} places={places} disabled={form !== undefined} />
                    <IconButton
                      id={`edit-${task.id}`}
                      label={`Edit ${task.id}`}
                      disabled={form !== undefined}
                      onClick={() => open(task)}
                    >
                      <Pencil aria-hidden className="size-4" />
                    </IconButton>
                    <IconButton
                      label={`Remove ${task.id}`}
                      disabled={form !== undefined}
                      onClick={() => {
                        remove.clear();
                        setRemoving(task);
                      }}
                    >
                      <Trash2 aria-hidden className="size-4" />
                    </IconButton>
                  </span>
                )}
              </PlannedTask>
            )}
          </TaskPlace>
        ))}
        {/* A new task, or one that another person removed while its form was open: the form keeps its text. */}
        {form && !plan.tasks.some(({ id }) => id === form.id) && <li>{drawn}</li>}
      </ul>
      {editable && !form && (
        <div className="border-t p-2">
          <Button id="add-task" size="sm" look="quiet" onClick={() => open(undefined)}>
            <Plus aria-hidden className="size-3.5" /> Add a task
          </Button>
        </div>
      )}
      <AlertDialog
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove ${removing?.id ?? ''}?`}
        keep="Keep it"
        act="Remove"
        busy={remove.busy}
        error={remove.error}
        onAct={async () => {
          if (!removing) return;
          const { version } = gate;
          if (await remove.run({ params: { ...params, task: removing.id }, body: { version } })) setRemoving(undefined);
        }}
      >
        {removing?.title}. Earlier versions keep it.
      </AlertDialog>
    </Card>
  );
}

function PlannedTask({ task, children }: { task: PlanTask; children: ReactNode }) {
  return (
    <div className="px-4 py-2.5">
      <div className="flex items-start gap-2">
        <details className="min-w-0 flex-1">
          <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <span className="figures text-xs text-muted">{task.id}</span>
            <span className="min-w-0 flex-1 font-medium">{task.title}</span>
            <span className="figures text-xs text-muted">{task.estimated_hours} h</span>
            <Priority of={task.priority ?? 'MEDIUM'} />
          </summary>
          <div className="mt-2 max-w-[700px] space-y-2 text-sm text-soft">
            <Prose text={task.description} />
            <p className="figures text-xs break-words text-muted">
              {[...task.files_to_create, ...task.files_to_modify].join('  ')}
            </p>
          </div>
        </details>
        {children}
      </div>
      {task.dependencies.depends_on.length > 0 && (
        <p className="mt-0.5 text-xs text-muted">after {task.dependencies.depends_on.join(', ')}</p>
      )}
    </div>
  );
}
