import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../button.tsx';
import { TextInput } from '../field.tsx';

interface Criterion {
  text: string;
  check: string;
}

/** The acceptance criteria in a form, each with its command. */
export function CriteriaFields({
  criteria,
  onChange,
}: {
  criteria: readonly Criterion[];
  onChange: (criteria: Criterion[]) => void;
}) {
  const put = (at: number, change: Partial<Criterion>) =>
    onChange(criteria.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <fieldset className="space-y-2">
      <legend className="text-xs font-medium text-soft">
        Acceptance criteria, each with a command that proves it (optional)
      </legend>
      {criteria.map((criterion, index) => (
        <div key={index} className="flex items-start gap-2">
          <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <TextInput
              aria-label={`Criterion ${index + 1}`}
              maxLength={1000}
              value={criterion.text}
              onChange={(event) => put(index, { text: event.target.value })}
            />
            <TextInput
              aria-label={`Command of criterion ${index + 1}`}
              placeholder="npm test"
              maxLength={1000}
              value={criterion.check}
              onChange={(event) => put(index, { check: event.target.value })}
              className="font-mono !text-xs"
            />
          </div>
          <IconButton
            label={`Remove criterion ${index + 1}`}
            onClick={() => onChange(criteria.filter((_one, at) => at !== index))}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {criteria.length < 20 && (
        <Button size="sm" look="quiet" onClick={() => onChange([...criteria, { text: '', check: '' }])}>
          <Plus aria-hidden className="size-3.5" /> Criterion
        </Button>
      )}
    </fieldset>
  );
}
