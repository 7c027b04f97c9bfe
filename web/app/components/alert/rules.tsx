import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { removeAlertRule, setAlertRule, type listAlertRules } from '#server/contracts/alerts.ts';
import { alertChannels, alertSeverities } from '#workflows/domain/watch/alerts.ts';
import { asWords, channelName, ruleWords, toldBy } from '../../lib/alerts.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Checkbox, Field, Select, TextInput } from '../field.tsx';

type Rules = Answer<typeof listAlertRules>;
type Rule = Rules['items'][number];

const minutes = (seconds: number) => (seconds < 60 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

/** The rules by which alerts are raised, which those who may change the organization change. */
export function AlertRules({ rules: { items } }: { rules: Rules }) {
  const [changing, setChanging] = useState<Rule>();
  const lacks = useLacks('org:write');
  return (
    <Card title="Rules">
      <ul className="divide-y text-sm">
        {items.map((rule) => (
          <li key={rule.name} className="flex flex-wrap items-center justify-between gap-2 py-2">
            <div className="min-w-0">
              <p className="font-medium">
                {asWords(rule.name)} {!rule.enabled && <Badge tone="neutral">off</Badge>}{' '}
                {!rule.is_default && <Badge tone="info">changed</Badge>}
              </p>
              <p className="text-xs text-muted">
                {ruleWords(rule)}, {rule.severity}, {toldBy(rule.routing)}, once in {minutes(rule.deduplication_window)}
              </p>
            </div>
            {!lacks && (
              <Button aria-label={`Change ${asWords(rule.name)}`} onClick={() => setChanging(rule)}>
                Change
              </Button>
            )}
          </li>
        ))}
      </ul>
      {changing && <RuleDialog rule={changing} onClose={() => setChanging(undefined)} />}
    </Card>
  );
}

function RuleDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { name, metric, operator } = rule;
  const save = useCommand(setAlertRule);
  const remove = useCommand(removeAlertRule);
  const [routing, setRouting] = useState(rule.routing);
  const [enabled, setEnabled] = useState(rule.enabled);
  const params = { name };
  return (
    <Dialog open onClose={onClose} title={`Rule: ${asWords(name)}`}>
      <CommandForm
        command={save}
        act="Save"
        onCancel={onClose}
        onSubmit={async (fields) => {
          const severity = alertSeverities.find((one) => one === fields.get('severity')) ?? rule.severity;
          const body = {
            ...{ metric, operator, severity, routing, enabled },
            threshold: Number(fields.get('threshold')),
            deduplication_window: Number(fields.get('window')),
          };
          const done = await save.run({ params, body });
          if (done) onClose();
          return done;
        }}
      >
        <Field label={`Raised when ${asWords(metric)} is ${operator}`}>
          <TextInput name="threshold" type="number" step="any" required defaultValue={rule.threshold} />
        </Field>
        <Field label="Severity">
          <Select name="severity" defaultValue={rule.severity}>
            {alertSeverities.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
        </Field>
        <Field label="Told once in so many seconds">
          <TextInput
            name="window"
            type="number"
            min={0}
            max={604800}
            required
            defaultValue={rule.deduplication_window}
          />
        </Field>
        <fieldset className="space-y-1 text-sm">
          <legend className="mb-1 font-medium">Told by, besides pages</legend>
          {alertChannels.map((channel) => (
            <p key={channel}>
              <Checkbox
                label={channelName(channel)}
                checked={routing.includes(channel)}
                onChange={({ target }) =>
                  setRouting(target.checked ? [...routing, channel] : routing.filter((one) => one !== channel))
                }
              />
            </p>
          ))}
        </fieldset>
        <p className="text-sm">
          <Checkbox label="The rule is on" checked={enabled} onChange={({ target }) => setEnabled(target.checked)} />
        </p>
        {!rule.is_default && (
          <>
            <CommandError error={remove.error} />
            <Button
              busy={remove.busy}
              onClick={async () => {
                if (await remove.run({ params })) onClose();
              }}
            >
              Remove the change
            </Button>
          </>
        )}
      </CommandForm>
    </Dialog>
  );
}
