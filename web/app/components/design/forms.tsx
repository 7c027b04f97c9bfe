import { CommandForm, FieldForm } from '../command-form.tsx';
import { Field, TextInput } from '../field.tsx';
import { Chapter, Shown } from './shown.tsx';

const idle = { busy: false, error: undefined };
const busy = { busy: true, error: undefined };
const failed = { busy: false, error: { message: 'The name is taken.', requestId: '0123456789' } };
const atField = {
  busy: false,
  error: { message: 'The body is not valid.', requestId: null, details: [{ field: 'name', message: 'is taken' }] },
};
const done = () => Promise.resolve(true);

/** Forms that send one command. */
export function Forms() {
  return (
    <Chapter title="Forms">
      <div className="grid gap-6 sm:grid-cols-2">
        <Shown name="In a window">
          <CommandForm command={idle} act="Save" saved="Saved" onCancel={() => undefined} onSubmit={done}>
            <Field label="Name of a record">
              <TextInput name="name" defaultValue="Acme" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="On a page, with a note">
          <CommandForm
            command={idle}
            act="Change"
            look="secondary"
            buttonAt="start"
            note="It takes effect at once."
            onSubmit={done}
          >
            <Field label="Address">
              <TextInput defaultValue="Main street" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="Being sent">
          <CommandForm command={busy} act="Save" onSubmit={done}>
            <Field label="Limit">
              <TextInput defaultValue="7" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="Refused">
          <CommandForm command={failed} act="Remove" look="danger" onSubmit={done}>
            <Field label="Reason">
              <TextInput defaultValue="None" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="Refused at a field">
          <CommandForm command={atField} act="Save" problemsAt={['name']} onSubmit={done}>
            <Field label="Name" error="The name is taken.">
              <TextInput aria-invalid defaultValue="viewer" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="Not allowed">
          <CommandForm command={idle} act="Save" because="Your role (viewer) does not allow this" onSubmit={done}>
            <Field label="Price">
              <TextInput defaultValue="12" />
            </Field>
          </CommandForm>
        </Shown>
        <Shown name="One field">
          <FieldForm command={idle} act="Redeem" label="Code" hint="A hint says what it does." onSubmit={done}>
            <TextInput required />
          </FieldForm>
        </Shown>
        <Shown name="One field, refused">
          <FieldForm command={failed} act="Redeem" label="Other code" hint="Each code works once." onSubmit={done}>
            <TextInput defaultValue="HALF" />
          </FieldForm>
        </Shown>
      </div>
    </Chapter>
  );
}
