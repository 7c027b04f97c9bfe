import { useState } from 'react';
import { changePassword } from '#server/contracts/auth.ts';
import { useCommand } from '../../lib/use-command.ts';
import { CommandForm } from '../command-form.tsx';
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
    <CommandForm
      command={change}
      act="Change password"
      buttonAt="start"
      note="You sign in again on every device."
      onSubmit={submit}
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
    </CommandForm>
  );
}
