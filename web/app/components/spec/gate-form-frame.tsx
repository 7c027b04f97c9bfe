import type { ReactNode } from 'react';
import type { GateForm } from '../../lib/use-gate-form.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { ConflictNotice } from './conflict-notice.tsx';

/** The frame of a form at a gate: the newer text of another person, the fields, why it was refused, its buttons. */
export function GateFormFrame<D>({
  form,
  label,
  newer,
  busy,
  lacking = false,
  quiet = false,
  onSave,
  onClose,
  children,
}: {
  form: GateForm<D>;
  label: string;
  /** How it now reads, where another person has changed it. */
  newer: ReactNode;
  busy: boolean;
  /** Something that it needs is empty. */
  lacking?: boolean;
  /** The fields say themselves why it was refused. */
  quiet?: boolean;
  onSave: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <form
      aria-label={label}
      className="space-y-3 border-l-4 border-l-info-fill bg-side px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && JSON.stringify(form.draft) === JSON.stringify(form.before)) onClose();
      }}
    >
      {form.theirs && <ConflictNotice what="This">{newer}</ConflictNotice>}
      {children}
      {!quiet && <CommandError error={form.error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={busy} disabled={lacking}>
          {form.theirs ? 'Save mine' : 'Save'}
        </Button>
        <Button onClick={onClose}>{form.theirs ? 'Keep theirs' : 'Cancel'}</Button>
      </div>
    </form>
  );
}
