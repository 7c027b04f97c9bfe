import { useState } from 'react';
import { confirmSecondFactor, disableSecondFactor, enrolSecondFactor } from '#server/contracts/second-factor.ts';
import { plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Field, TextInput } from '../field.tsx';
import { Exact } from '../time.tsx';

interface State {
  has_password: boolean;
  confirmed_at: string | null;
  recovery_codes_left: number;
}

const text = (fields: FormData, name: string) => {
  const value = fields.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const Password = () => (
  <Field label="Your password">
    <TextInput type="password" name="password" autoComplete="current-password" required />
  </Field>
);
const Code = ({ hint }: { hint: string }) => (
  <Field label="Code" hint={hint}>
    <TextInput name="code" autoComplete="one-time-code" required maxLength={50} className="figures" />
  </Field>
);

/** Sets up an authenticator app in three steps: password, first code, recovery codes. */
export function SetUpSecondFactor({ state, onDone }: { state: State; onDone: () => void }) {
  const enrol = useCommand(enrolSecondFactor);
  const confirm = useCommand(confirmSecondFactor);
  const [given, setGiven] = useState<{ secret: string; qr_svg: string }>();
  const [codes, setCodes] = useState<string[]>();
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (given)
    return (
      <CommandForm
        command={confirm}
        act="Confirm"
        buttonAt="start"
        onSubmit={async (fields) => {
          const answer = await confirm.run({ body: { code: text(fields, 'code') ?? '' } });
          if (answer?.recovery_codes) setCodes(answer.recovery_codes);
        }}
      >
        <p className="text-sm text-muted">Read this picture with your authenticator app, or enter the key by hand.</p>
        <img
          alt="The key of the authenticator app as a QR code"
          className="mx-auto size-48 rounded-md bg-white"
          src={`data:image/svg+xml,${encodeURIComponent(given.qr_svg)}`}
        />
        <p className="figures text-center text-xs break-all select-all">{given.secret}</p>
        <Code hint="The six digits that the app shows now." />
      </CommandForm>
    );
  return (
    <CommandForm
      command={enrol}
      act="Set up an authenticator app"
      look="secondary"
      buttonAt="start"
      onSubmit={async (fields) => {
        const answer = await enrol.run({ body: { password: text(fields, 'password') } });
        if (answer?.secret && answer.qr_svg) setGiven({ secret: answer.secret, qr_svg: answer.qr_svg });
      }}
    >
      <p className="text-sm text-muted">
        Off. With an authenticator app, a sign-in needs a code of your phone besides your password.
      </p>
      {state.has_password && <Password />}
    </CommandForm>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <div className="space-y-3">
      <Notice tone="warn">
        Keep these recovery codes in a safe place. Each one signs you in once when you do not have your phone. They are
        not shown again.
      </Notice>
      <ul aria-label="Recovery codes" className="figures grid grid-cols-2 gap-1 text-center text-sm select-all">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button look="primary" onClick={onDone}>
        I have kept them
      </Button>
    </div>
  );
}

export function DisableSecondFactor({ state, onDone }: { state: State; onDone: () => void }) {
  const disable = useCommand(disableSecondFactor);
  return (
    <CommandForm
      command={disable}
      act="Disable"
      look="danger"
      buttonAt="start"
      onSubmit={async (fields) => {
        const body = { password: text(fields, 'password'), code: text(fields, 'code') };
        if (await disable.run({ body })) onDone();
      }}
    >
      <p className="text-sm text-muted">
        On
        {state.confirmed_at && (
          <>
            {' '}
            since <Exact at={state.confirmed_at} />
          </>
        )}
        . {plural(state.recovery_codes_left, 'recovery code')} left.
      </p>
      {state.has_password && <Password />}
      <Code hint="Of your authenticator app, or a recovery code." />
    </CommandForm>
  );
}
