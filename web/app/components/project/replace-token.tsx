import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { updateProject, urlWithToken } from '#server/contracts/projects.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, TextInput } from '../field.tsx';

interface Project {
  id: string;
  repository: { url: string | null };
}

/** Replaces the token of the repository; nothing for a repository that can have none. */
export function ReplaceToken({ project }: { project: Project }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('project:write');
  if (!urlWithToken(project.repository.url ?? '', 'token')) return null;
  return (
    <>
      <Button because={lacks} onClick={() => setOpen(true)}>
        <KeyRound aria-hidden className="size-4" /> Replace token
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Replace the token of the repository">
        <TokenForm project={project} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function TokenForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const update = useCommand(updateProject);
  const [token, setToken] = useState('');
  const [user, setUser] = useState('');
  const submit = async () => {
    const url = urlWithToken(project.repository.url ?? '', token.trim(), user.trim());
    if (url && (await update.run({ params: { id: project.id }, body: { repository: { url } } }))) onDone();
  };
  return (
    <CommandForm command={update} act="Replace" disabled={token.trim() === ''} onSubmit={submit}>
      <Field label="Token" hint={`It is tried at ${project.repository.url}, stored encrypted, and never shown.`}>
        <TextInput
          required
          autoFocus
          type="password"
          autoComplete="off"
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
      </Field>
      <Field label="User name" hint="Only where the host wants one beside the token, such as oauth2.">
        <TextInput autoComplete="off" value={user} onChange={(event) => setUser(event.target.value)} />
      </Field>
    </CommandForm>
  );
}
