import { useNavigate } from '@remix-run/react';
import { useState } from 'react';
import { createTicket } from '#server/contracts/tickets.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import type { BoardPage } from '../../lib/board-page.server.ts';
import { percent } from '../../lib/format.ts';
import { statusOf } from '../../lib/status.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useSimilarTickets, type SimilarTicket } from '../../lib/use-similar-tickets.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, Select, TextArea, TextInput } from '../field.tsx';
import { TextLink } from '../text-link.tsx';

type Project = NonNullable<BoardPage['project']>;

/** Creates a ticket. While it is written, the open tickets that say the same are shown. */
export function NewTicket({ project }: { project: Project }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('ticket:write', project.organization_id);
  return (
    <>
      <Button size="sm" because={lacks} onClick={() => setOpen(true)}>
        New ticket
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="New ticket" wide>
        <TicketForm project={project} onCreated={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function TicketForm({ project, onCreated }: { project: Project; onCreated: () => void }) {
  const navigate = useNavigate();
  const create = useCommand(createTicket);
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const similar = useSimilarTickets(project.id, title, description);
  /** Those that only the creation found. */
  const [refused, setRefused] = useState<SimilarTicket[]>([]);
  const shown = similar.length > 0 ? similar : refused;
  const submit = async (fields: FormData) => {
    const answer = await create.run({
      body: {
        ...{ project_id: project.id, title: title.trim(), description },
        workflow_mode: fields.get('mode') === 'quick' ? 'quick' : 'spec_driven',
        priority: priorities.find((one) => one === fields.get('priority')),
        check_duplicates: true,
        force_create: shown.length > 0,
      },
    });
    if (!answer) return;
    if ('is_duplicate' in answer) return setRefused(answer.candidates);
    onCreated();
    navigate(`/board/${project.id}?of=tickets&open=${answer.id}`);
  };
  return (
    <CommandForm
      command={create}
      act={shown.length > 0 ? 'Create it anyway' : 'Create'}
      disabled={title.trim() === '' || description.trim() === ''}
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
            setRefused([]);
          }}
        />
      </Field>
      <Field label="Description">
        <TextArea
          rows={6}
          required
          maxLength={50_000}
          value={description}
          onChange={(event) => {
            setDescription(event.target.value);
            setRefused([]);
          }}
        />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Work">
          <Select name="mode" defaultValue={project.plans ? 'spec_driven' : 'quick'}>
            <option value="quick">Starts at once, without a plan</option>
            <option value="spec_driven">Waits in the backlog for a plan</option>
          </Select>
        </Field>
        <Field label="Priority">
          <Select name="priority" defaultValue="MEDIUM">
            {priorities.map((value) => (
              <option key={value} value={value}>
                {value.charAt(0) + value.slice(1).toLowerCase()}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <div role="status">{shown.length > 0 && <Similar projectId={project.id} tickets={shown} />}</div>
    </CommandForm>
  );
}

const Similar = ({ projectId, tickets }: { projectId: string; tickets: SimilarTicket[] }) => (
  <Notice tone="warn">
    <p>
      {tickets.length === 1 ? 'An open ticket says' : 'Open tickets say'} nearly the same. Open it instead, or go on.
    </p>
    <ul className="mt-1 list-disc pl-5">
      {tickets.map((one) => (
        <li key={one.ticket_id} className="break-words">
          <TextLink to={`/board/${projectId}/${one.ticket_id}`}>{one.title}</TextLink>, {statusOf(one.status).label},{' '}
          <span className="figures whitespace-nowrap">{percent(one.similarity_score)}</span> alike
        </li>
      ))}
    </ul>
  </Notice>
);
