import { Plus, X } from 'lucide-react';
import { rowFields, textFields, type DesignDraft, type DesignSection } from '../../lib/design-draft.ts';
import type { GateForm } from '../../lib/use-gate-form.ts';
import { Button, IconButton } from '../button.tsx';
import { Field, TextArea, TextInput } from '../field.tsx';
import { GateFormFrame } from './gate-form-frame.tsx';

/** The form of one section of the design. */
export function DesignForm({
  section,
  form,
  busy,
  onChange,
  onSave,
  onClose,
}: {
  section: DesignSection;
  form: GateForm<DesignDraft>;
  busy: boolean;
  onChange: (draft: DesignDraft) => void;
  onSave: () => void;
  onClose: () => void;
}) {
  const { draft } = form;
  const fields = rowFields[section];
  const putRow = (index: number, name: string, value: string) =>
    onChange({
      ...draft,
      rows: draft.rows.map((row, at) => (at === index ? { ...row, values: { ...row.values, [name]: value } } : row)),
    });
  return (
    <GateFormFrame
      form={form}
      label={`Edit ${section}`}
      newer={asText(form.before)}
      busy={busy}
      onSave={onSave}
      onClose={onClose}
    >
      {textFields[section].map(({ name, label, code }, index) => (
        <Field key={name} label={label}>
          <TextArea
            autoFocus={index === 0}
            rows={section === 'architecture' ? 8 : 4}
            value={draft.texts[name] ?? ''}
            onChange={(event) => onChange({ ...draft, texts: { ...draft.texts, [name]: event.target.value } })}
            className={code ? 'font-mono !text-xs' : ''}
          />
        </Field>
      ))}
      {draft.rows.map((row, index) => (
        <fieldset key={index} className="relative rounded-md border bg-card p-3 pr-10">
          <legend className="sr-only">Row {index + 1}</legend>
          <div className="grid gap-2 sm:grid-cols-3">
            {fields.map(({ name, label, lines }, at) => (
              <div key={name} className={lines ? 'sm:col-span-3' : ''}>
                <Field label={label}>
                  {lines ? (
                    <TextArea
                      rows={2}
                      value={row.values[name] ?? ''}
                      onChange={(event) => putRow(index, name, event.target.value)}
                    />
                  ) : (
                    <TextInput
                      autoFocus={index === 0 && at === 0}
                      value={row.values[name] ?? ''}
                      onChange={(event) => putRow(index, name, event.target.value)}
                    />
                  )}
                </Field>
              </div>
            ))}
          </div>
          <span className="absolute top-1 right-1">
            <IconButton
              label={`Remove row ${index + 1}`}
              onClick={() => onChange({ ...draft, rows: draft.rows.filter((_row, at) => at !== index) })}
            >
              <X aria-hidden className="size-4" />
            </IconButton>
          </span>
        </fieldset>
      ))}
      {fields.length > 0 && (
        <Button
          size="sm"
          look="quiet"
          onClick={() =>
            onChange({
              ...draft,
              rows: [...draft.rows, { rest: {}, values: Object.fromEntries(fields.map(({ name }) => [name, ''])) }],
            })
          }
        >
          <Plus aria-hidden className="size-3.5" /> Row
        </Button>
      )}
    </GateFormFrame>
  );
}

const asText = ({ texts, rows }: DesignDraft): string =>
  [...Object.values(texts), ...rows.map(({ values }) => Object.values(values).join(', '))]
    .filter((text) => text !== '')
    .join('\n');
