import { fieldProblem } from '../../lib/field-problem.ts';
import { Field, TextArea, TextInput } from '../field.tsx';

export interface About {
  name: string;
  description: string;
  billing_email: string;
}

/** The words of a form as the API takes them: what is empty is not there. */
export const aboutBody = ({ name, description, billing_email: email }: About) => ({
  name: name.trim(),
  description: description.trim() || null,
  billing_email: email.trim() || null,
});

export const aboutProblems = ['name', 'description', 'billing_email'] as const;

type Refused = Parameters<typeof fieldProblem>[0];

interface AboutProps {
  about: About;
  error: Refused;
  onChange: (about: About) => void;
}

export const NameField = ({ about, error, onChange }: AboutProps) => (
  <Field label="Name" error={fieldProblem(error, 'name', 'The name')}>
    <TextInput
      required
      maxLength={255}
      aria-invalid={fieldProblem(error, 'name', '') !== undefined}
      value={about.name}
      onChange={(event) => onChange({ ...about, name: event.target.value })}
    />
  </Field>
);

/** A description, and the address of those who pay. */
export const MoreAbout = ({ about, error, onChange }: AboutProps) => (
  <>
    <Field label="Description" error={fieldProblem(error, 'description', 'The description')}>
      <TextArea
        rows={3}
        maxLength={2000}
        value={about.description}
        onChange={(event) => onChange({ ...about, description: event.target.value })}
      />
    </Field>
    <Field
      label="Billing e-mail"
      hint="For receipts and what concerns payments."
      error={fieldProblem(error, 'billing_email', 'The address')}
    >
      <TextInput
        type="email"
        aria-invalid={fieldProblem(error, 'billing_email', '') !== undefined}
        value={about.billing_email}
        onChange={(event) => onChange({ ...about, billing_email: event.target.value })}
      />
    </Field>
  </>
);
