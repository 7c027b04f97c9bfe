import { Form, useNavigation } from '@remix-run/react';
import type { ReactNode } from 'react';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { Field, TextInput } from '../field.tsx';
import { Mark } from './mark.tsx';

/** A page in front of the shell: a title and one card. */
export function Entrance({
  title,
  lead,
  below,
  children,
}: {
  title: string;
  lead?: ReactNode;
  below?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <main className="flex min-h-dvh items-center justify-center bg-side px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Mark className="size-10" />
          <h1 className="text-xl font-semibold">{title}</h1>
          {lead && <p className="text-sm wrap-anywhere text-muted">{lead}</p>}
        </div>
        {children}
        {below && <p className="mt-4 text-center text-xs text-muted">{below}</p>}
      </div>
    </main>
  );
}

/** The card of an entrance with a form, which says why it was refused. */
export function EntranceForm({
  problem,
  submit,
  children,
}: {
  problem?: string | null;
  submit: string;
  children: ReactNode;
}) {
  const busy = useNavigation().state !== 'idle';
  return (
    <Form method="post" className="space-y-4 rounded-lg border bg-card p-5">
      {problem && <Notice tone="bad">{problem}</Notice>}
      {children}
      <Button type="submit" look="primary" busy={busy} className="w-full">
        {submit}
      </Button>
    </Form>
  );
}

export function NewPassword() {
  return (
    <Field
      label="Password"
      hint="8 to 100 characters, with an upper-case and a lower-case letter, a digit and a special character."
    >
      <TextInput type="password" name="password" autoComplete="new-password" required />
    </Field>
  );
}
