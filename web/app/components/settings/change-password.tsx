import { useState } from 'react';
import { changePassword } from '#server/contracts/auth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';

/** Another password. It ends every sign-in, this one too. */
export function ChangePassword() {
  const change = useCommand(changePassword);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const submit = async () => {
    const done = await change.run({ body: { current_password: current, new_password: next } });
    if (done) window.location.assign('/sign-in');
  };
  return (
    <form
      className="max-w-md space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label="Current password">
        <TextInput
          type="password"
          required
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
      <Field label="New password" hint="At least 8 characters: upper case, lower case, a digit and a sign.">
        <TextInput
          type="password"
          required
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
      </Field>
      <CommandError error={change.error} />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" busy={change.busy}>
          Change password
        </Button>
        <span className="text-xs text-muted">You sign in again on every device.</span>
      </div>
    </form>
  );
}
