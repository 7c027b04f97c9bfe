import { useNavigate } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { createProject } from '#server/contracts/projects.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, TextInput } from '../field.tsx';

const isUrl = (repository: string) => /^[a-z+]+:\/\/|^[\w.-]+@[\w.-]+:/.test(repository);

export function NewProject() {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('project:write');
  return (
    <>
      <Button look="primary" because={lacks} onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-4" /> New project
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="New project">
        <ProjectForm />
      </Dialog>
    </>
  );
}

function ProjectForm() {
  const navigate = useNavigate();
  const create = useCommand(createProject);
  const [repository, setRepository] = useState('');
  const [name, setName] = useState('');
  const guess =
    repository
      .replace(/\/+$/, '')
      .split(/[/:]/)
      .at(-1)
      ?.replace(/\.git$/, '') ?? '';
  const submit = async () => {
    const made = await create.run({
      body: {
        name: name.trim() || guess,
        repository: isUrl(repository) ? { url: repository.trim() } : { path: repository.trim() },
      },
    });
    if (made) navigate(`/projects/${made.id}`);
  };
  return (
    <CommandForm command={create} act="Add" disabled={repository.trim() === ''} onSubmit={submit}>
      <Field label="Repository" hint="A folder on this machine, or the URL of a remote.">
        <TextInput
          required
          autoFocus
          value={repository}
          onChange={(event) => setRepository(event.target.value)}
          placeholder="/path/to/repository or https://host/repository.git"
        />
      </Field>
      <Field label="Name">
        <TextInput
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder={guess || 'Name'}
          maxLength={255}
        />
      </Field>
    </CommandForm>
  );
}
