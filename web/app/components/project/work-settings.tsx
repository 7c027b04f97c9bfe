import { useState } from 'react';
import type { z } from 'zod';
import { projectSettings, updateProject } from '#server/contracts/projects.ts';
import { fieldProblem } from '../../lib/field-problem.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Card, Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Checkbox, Field, Select, TextInput } from '../field.tsx';

type Settings = z.output<typeof projectSettings>;

const shown = projectSettings.pick({
  merge_method: true,
  merge_when_ready: true,
  runner: true,
  sandbox: true,
  require_clean_git: true,
  require_code_pushed: true,
  require_pr_created: true,
  fix_rounds: true,
  diagnostics: true,
  auto_recover: true,
});
/** The settings that the page changes. */
export type WorkSettingsOf = z.output<typeof shown>;

/** Reads them from all settings of a project. */
export const workSettingsOf = (settings: Record<string, unknown>): WorkSettingsOf =>
  shown.parse(Object.fromEntries(Object.keys(shown.shape).map((name) => [name, settings[name]])));

type Kind = 'usual' | 'image' | 'snapshot';
const kinds: Record<Kind, string> = {
  usual: 'As the platform makes them',
  image: 'From an image',
  snapshot: 'From a snapshot',
};
const fieldOf = { image: 'settings.sandbox.image', snapshot: 'settings.sandbox.snapshot' };

const rules = {
  require_clean_git: 'Agents commit all their work themselves',
  require_code_pushed: 'A task is done only with its commits at the repository',
  require_pr_created: 'Work is done only with its pull request',
  diagnostics: 'A model finds out why a ticket does not move',
  auto_recover: 'Work that removes the cause begins by itself',
};
type Rule = keyof typeof rules;

/** A rule that nobody has chosen stays with the platform. */
const rulesOf = (form: FormData): Partial<Record<Rule, boolean>> =>
  Object.fromEntries(
    Object.keys(rules).flatMap((rule) => {
      const said = form.get(rule);
      return said === 'yes' || said === 'no' ? [[rule, said === 'yes']] : [];
    }),
  );

const RuleField = ({ rule, label, value }: { rule: string; label: string; value: boolean | undefined }) => (
  <Field label={label}>
    <Select name={rule} defaultValue={value === undefined ? '' : value ? 'yes' : 'no'}>
      {value === undefined && <option value="">As the platform is set</option>}
      <option value="yes">Yes</option>
      <option value="no">No</option>
    </Select>
  </Field>
);

/** How the work on a project is carried out, and when it counts as done. */
export function WorkSettings({ projectId, settings }: { projectId: string; settings: WorkSettingsOf }) {
  const lacks = useLacks('project:safety:write');
  const save = useCommand(updateProject);
  const { sandbox } = settings;
  const [kind, setKind] = useState<Kind>(!sandbox ? 'usual' : 'snapshot' in sandbox ? 'snapshot' : 'image');
  const [name, setName] = useState(!sandbox ? '' : 'snapshot' in sandbox ? sandbox.snapshot : sandbox.image);

  const submit = (form: FormData) => {
    const runner = form.get('runner') as Settings['runner'] | '';
    const chosen = kind === 'usual' ? null : kind === 'image' ? { image: name.trim() } : { snapshot: name.trim() };
    const wanted: WorkSettingsOf = {
      merge_method: form.get('merge_method') === 'squash' ? 'squash' : 'merge',
      merge_when_ready: form.get('merge_when_ready') === 'on',
      ...rulesOf(form),
      ...(runner ? { runner } : {}),
      ...(form.get('fix_rounds') ? { fix_rounds: Number(form.get('fix_rounds')) } : {}),
      ...(chosen || sandbox ? { sandbox: chosen } : {}),
    };
    return save.run({ params: { id: projectId }, body: { settings: wanted } });
  };
  return (
    <Card title="Work">
      {lacks && (
        <div className="mb-3">
          <Notice tone="info">{lacks}. Owners and admins change these settings.</Notice>
        </div>
      )}
      <CommandForm
        command={save}
        act="Save"
        saved="Settings saved"
        because={lacks}
        buttonAt="start"
        problemsAt={Object.values(fieldOf)}
        onSubmit={submit}
      >
        <fieldset disabled={Boolean(lacks)} className="space-y-3">
          <legend className="sr-only">How work is carried out</legend>
          <Field label="Runner" hint="It carries on the runs of tasks that start from now on.">
            <Select name="runner" defaultValue={settings.runner ?? ''}>
              {!settings.runner && <option value="">As the platform is set</option>}
              <option value="loop">The platform&apos;s own loop</option>
              <option value="claude-agent-sdk">Claude Agent SDK</option>
            </Select>
          </Field>
          <Field label="Sandboxes">
            <Select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
              {Object.entries(kinds).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          </Field>
          {kind !== 'usual' && (
            <Field
              label={kind === 'image' ? 'Image' : 'Snapshot'}
              hint="One of those that the operator lists. New sandboxes are made from it."
              error={fieldProblem(save.error, fieldOf[kind], 'The name')}
            >
              <TextInput
                required
                className="figures"
                placeholder={kind === 'image' ? 'registry.example.org/team/node:22' : 'team-snapshot'}
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </Field>
          )}
          <Field label="Merges">
            <Select name="merge_method" defaultValue={settings.merge_method ?? 'merge'}>
              <option value="merge">With a merge commit</option>
              <option value="squash">As one commit</option>
            </Select>
          </Field>
        </fieldset>
        <fieldset disabled={Boolean(lacks)} className="space-y-3 text-sm">
          <legend className="sr-only">When work is done</legend>
          <Checkbox
            name="merge_when_ready"
            defaultChecked={settings.merge_when_ready ?? false}
            label="GitHub merges later what its rules still hold"
          />
          <Field
            label="Fixes that begin by themselves"
            hint="So often another task fixes one that failed for good, before a person is asked."
          >
            <Select name="fix_rounds" defaultValue={settings.fix_rounds ?? ''}>
              {settings.fix_rounds === undefined && <option value="">As the platform is set</option>}
              {[0, 1, 2, 3, 4, 5].map((rounds) => (
                <option key={rounds} value={rounds}>
                  {rounds === 0 ? 'None: a person is asked' : rounds}
                </option>
              ))}
            </Select>
          </Field>
          {Object.entries(rules).map(([rule, label]) => (
            <RuleField key={rule} rule={rule} label={label} value={settings[rule as Rule]} />
          ))}
        </fieldset>
      </CommandForm>
    </Card>
  );
}
