import type { z } from 'zod';
import { projectSettings, updateProject } from '#server/contracts/projects.ts';
import { limitedColumns, ticketColumns } from '#workflows/domain/tasks/columns.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Card } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Checkbox, Field, Select, TextInput } from '../field.tsx';

const shown = projectSettings.pick({
  wip_limits: true,
  ticket_human_review: true,
  approval_timeout_seconds: true,
  on_reject: true,
});
/** The settings that the card changes. */
export type BoardSettingsOf = z.output<typeof shown>;

/** Reads them from all settings of a project. */
export const boardSettingsOf = (settings: Record<string, unknown>): BoardSettingsOf =>
  shown.parse(Object.fromEntries(Object.keys(shown.shape).map((name) => [name, settings[name]])));

const titleOf = (id: string) => ticketColumns.find((column) => column.id === id)?.title ?? id;
const numberIn = (form: FormData, name: string) => {
  const text = String(form.get(name) ?? '').trim();
  return text === '' ? undefined : Number(text);
};

/** How many tickets a column takes, and whether new tickets wait for a person. */
export function BoardSettings({ projectId, settings }: { projectId: string; settings: BoardSettingsOf }) {
  const lacks = useLacks('project:safety:write');
  const save = useCommand(updateProject);
  const submit = (form: FormData) => {
    const limits: BoardSettingsOf['wip_limits'] = {};
    for (const id of limitedColumns) {
      const limit = form.get(`any-${id}`) === 'on' ? null : numberIn(form, id);
      if (limit !== undefined) limits[id] = limit;
    }
    const minutes = numberIn(form, 'minutes');
    const wanted: BoardSettingsOf = {
      wip_limits: limits,
      ticket_human_review: form.get('review') === 'on',
      on_reject: form.get('on_reject') === 'delete' ? 'delete' : 'archive',
      // What was never set is not cleared: the log of changes would name it.
      ...(minutes === undefined && !settings.approval_timeout_seconds
        ? {}
        : { approval_timeout_seconds: minutes === undefined ? null : Math.round(minutes * 60) }),
    };
    return save.run({ params: { id: projectId }, body: { settings: wanted } });
  };
  return (
    <Card title="Board">
      <CommandForm
        command={save}
        act="Save the board"
        saved="Settings of the board saved"
        because={lacks}
        buttonAt="start"
        onSubmit={submit}
      >
        <fieldset disabled={Boolean(lacks)} className="space-y-3">
          <legend className="mb-1 text-xs text-muted">
            Most tickets of a column. Empty: as the platform is set. Work that goes on by itself is never held.
          </legend>
          {limitedColumns.map((id) => (
            <div key={id} className="flex flex-wrap items-end gap-3">
              <Field label={titleOf(id)}>
                <TextInput
                  name={id}
                  type="number"
                  min={1}
                  max={10_000}
                  className="figures !w-28"
                  defaultValue={settings.wip_limits?.[id] ?? ''}
                />
              </Field>
              <Checkbox
                name={`any-${id}`}
                label={`Any number in ${titleOf(id)}`}
                defaultChecked={settings.wip_limits?.[id] === null}
              />
            </div>
          ))}
        </fieldset>
        <fieldset disabled={Boolean(lacks)} className="space-y-3">
          <legend className="sr-only">Approval of new tickets</legend>
          <Checkbox
            name="review"
            label="New tickets wait for approval before anything of them runs"
            defaultChecked={settings.ticket_human_review ?? false}
          />
          <Field label="Minutes until it times out" hint="From 1 to 1,440. Empty: as the platform is set.">
            <TextInput
              name="minutes"
              type="number"
              min={1}
              max={1440}
              className="figures !w-28"
              defaultValue={settings.approval_timeout_seconds ? settings.approval_timeout_seconds / 60 : ''}
            />
          </Field>
          <Field label="Rejected tickets">
            <Select name="on_reject" defaultValue={settings.on_reject ?? 'archive'}>
              <option value="archive">Are kept as cancelled</option>
              <option value="delete">Are deleted</option>
            </Select>
          </Field>
        </fieldset>
      </CommandForm>
    </Card>
  );
}
