import { useNavigate } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { githubConnectionStatus } from '#server/contracts/github-connection.ts';
import { createProject } from '#server/contracts/projects.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, Segments, TextInput } from '../field.tsx';
import { repositorySources, RepositoryPicker, type Repository } from '../github/repository-picker.tsx';

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
  const { answer: status } = useAnswer(githubConnectionStatus, {});
  const [picked, setPicked] = useState<Repository>();
  const [repository, setRepository] = useState('');
  const [name, setName] = useState('');
  const [wanted, setWanted] = useState<'github' | 'address'>();
  const source = status?.available ? (wanted ?? (status.connected ? 'github' : 'address')) : 'address';
  const typed = repository.trim();
  const lastPart = typed.replace(/\/+$/, '').split(/[/:]/).at(-1);
  const guess = (source === 'github' ? picked?.name : lastPart?.replace(/\.git$/, '')) ?? '';
  const submit = async () => {
    const from =
      source === 'github' ? { github: picked?.full_name ?? '' } : isUrl(typed) ? { url: typed } : { path: typed };
    const made = await create.run({ body: { name: name.trim() || guess, repository: from } });
    if (made) navigate(`/projects/${made.id}`);
  };
  return (
    <CommandForm command={create} act="Add" disabled={source === 'github' ? !picked : typed === ''} onSubmit={submit}>
      {status?.available && (
        <Segments label="Source" options={repositorySources} chosen={source} onChoose={setWanted} />
      )}
      {source === 'github' && status ? (
        <RepositoryPicker status={status} chosen={picked} onChoose={setPicked} />
      ) : (
        <Field label="Repository" hint="A folder on this machine, or the URL of a remote.">
          <TextInput
            required
            autoFocus
            value={repository}
            onChange={(event) => setRepository(event.target.value)}
            placeholder="/path/to/repository or https://host/repository.git"
          />
        </Field>
      )}
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
