import { useNavigate } from '@remix-run/react';
import { useState } from 'react';
import { createSpec } from '#server/contracts/spec-life.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, TextArea, TextInput } from '../field.tsx';
import { SimilarSpecs, type Similar } from './similar-specs.tsx';

/** Makes a spec that starts later. Where the project has a similar one, these are shown first. */
export function NewDraft({ project }: { project: { id: string; organization_id: string } }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('document:write', project.organization_id);
  return (
    <>
      <Button because={lacks} onClick={() => setOpen(true)}>
        New draft
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="New draft" wide>
        <DraftForm projectId={project.id} />
      </Dialog>
    </>
  );
}

function DraftForm({ projectId }: { projectId: string }) {
  const navigate = useNavigate();
  const create = useCommand(createSpec);
  const [similar, setSimilar] = useState<Similar>();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const submit = async () => {
    const answer = await create.run({
      body: { project_id: projectId, title: title.trim(), description, force_create: similar !== undefined },
    });
    if (!answer) return;
    if ('is_duplicate' in answer) setSimilar(answer);
    else navigate(`/projects/${projectId}/specs/${answer.id}`);
  };
  return (
    <CommandForm
      command={create}
      act={similar ? 'Create it anyway' : 'Create'}
      disabled={title.trim() === ''}
      onSubmit={submit}
    >
      <Field label="Title">
        <TextInput
          autoFocus
          required
          maxLength={500}
          value={title}
          onChange={(event) => {
            setTitle(event.target.value);
            setSimilar(undefined);
          }}
        />
      </Field>
      <Field label="Description" hint="Nothing starts before you execute the draft on its page.">
        <TextArea
          rows={6}
          maxLength={50_000}
          value={description}
          onChange={(event) => {
            setDescription(event.target.value);
            setSimilar(undefined);
          }}
        />
      </Field>
      {similar && <SimilarSpecs projectId={projectId} similar={similar} />}
    </CommandForm>
  );
}
