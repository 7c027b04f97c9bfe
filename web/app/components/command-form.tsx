import type { ReactNode } from 'react';
import { isAtFields } from '../lib/field-problem.ts';
import { Button } from './button.tsx';
import { CommandError } from './error-card.tsx';
import { Field } from './field.tsx';
import { useToast } from './toast.tsx';

interface Sends {
  /** What the button sends, of `useCommand`. */
  command: { busy: boolean; error: { message: string; requestId: string | null; details?: unknown } | undefined };
  /** The button's words: a verb. */
  act: string;
  /** Its answer is falsy where the command failed. */
  onSubmit: (fields: FormData) => Promise<unknown>;
  /** Why it cannot be sent. */
  because?: string;
  children: ReactNode;
}

/** A form that sends one command. Its last lines say why that failed, send it, and say that it is done. */
export function CommandForm({
  command,
  act,
  onSubmit,
  because,
  children,
  saved,
  look = 'primary',
  disabled,
  onCancel,
  note,
  buttonAt = 'end',
  problemsAt = [],
}: Sends & {
  /** What is said when it is done, where nothing else shows it. */ saved?: string;
  look?: 'primary' | 'secondary' | 'danger';
  disabled?: boolean;
  onCancel?: () => void;
  /** Beside the button. */ note?: string;
  /** At the end in a window, at the start on a page. */ buttonAt?: 'start' | 'end';
  /** The fields of the body that say themselves what is wrong with them. */ problemsAt?: readonly string[];
}) {
  const toast = useToast();
  return (
    <form
      className={`space-y-3 ${buttonAt === 'start' ? 'max-w-md' : ''}`}
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit(new FormData(event.currentTarget)).then((done) => done && saved && toast(saved));
      }}
    >
      {children}
      {!isAtFields(command.error, problemsAt) && <CommandError error={command.error} />}
      <div className={`flex flex-wrap items-center gap-2 ${buttonAt === 'end' ? 'justify-end' : ''}`}>
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
        <Button type="submit" look={look} busy={command.busy} because={because} disabled={disabled}>
          {act}
        </Button>
        {note && <span className="text-xs text-muted">{note}</span>}
      </div>
    </form>
  );
}

/** A form of one field, with its button beside it. */
export const FieldForm = ({
  command,
  act,
  onSubmit,
  because,
  children,
  label,
  hint,
}: Sends & { label: string; hint: string }) => (
  <form
    className="space-y-2"
    onSubmit={(event) => {
      event.preventDefault();
      void onSubmit(new FormData(event.currentTarget));
    }}
  >
    <Field label={label} hint={hint}>
      <span className="flex gap-2">
        {children}
        <Button type="submit" because={because} busy={command.busy}>
          {act}
        </Button>
      </span>
    </Field>
    <CommandError error={command.error} />
  </form>
);
