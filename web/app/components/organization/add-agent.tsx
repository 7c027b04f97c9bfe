import { Bot } from 'lucide-react';
import { useState } from 'react';
import { listAgents } from '#server/contracts/agents.ts';
import { addMember } from '#server/contracts/organizations.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, Select } from '../field.tsx';
import { TextLink } from '../text-link.tsx';
import { RoleSelect, type NamedOrganization, type NamedRole } from './invite.tsx';

interface Given {
  organization: NamedOrganization;
  roles: readonly NamedRole[];
  /** The agents that are members, as far as they are loaded. */
  members: ReadonlySet<string | null>;
}

/** Makes a registered agent a member. */
export function AddAgent(given: Given) {
  const [open, setOpen] = useState(false);
  const lacksWrite = useLacks('org:members:write', given.organization.id);
  const lacksAgents = useLacks('agent:read', given.organization.id);
  return (
    <>
      <Button because={lacksWrite ?? lacksAgents} onClick={() => setOpen(true)}>
        <Bot aria-hidden className="size-4" /> Add an agent
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={`Add an agent to ${given.organization.name}`}>
        <AddForm {...given} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

const listed = 200;

function AddForm({ organization, roles, members, onDone }: Given & { onDone: () => void }) {
  const { answer, error } = useAnswer(listAgents, { query: { limit: listed } }, organization.id);
  const add = useCommand(addMember);
  const [chosen, setChosen] = useState('');
  // It reads, unless somebody says more: nothing that an agent's key does needs a greater role.
  const [role, setRole] = useState(roles.find(({ name }) => name === 'viewer')?.id ?? roles[0]?.id ?? '');
  const free = answer?.items.filter(({ id, status }) => status !== 'terminated' && !members.has(id));
  if (!free)
    return error ? <CommandError error={error} /> : <p className="text-sm text-muted">Reading the agents ...</p>;
  if (free.length === 0)
    return (
      <p className="text-sm text-muted">
        No registered agent is left to add. <TextLink to="/agents/spawn">Register one</TextLink>
      </p>
    );
  const agent = free.find(({ id }) => id === chosen) ?? free[0];
  const submit = async () => {
    const body = { agent_id: agent?.id, role_id: role };
    if (await add.run({ params: { id: organization.id }, body })) onDone();
  };
  return (
    <CommandForm command={add} act="Add" onSubmit={submit} onCancel={onDone}>
      <Field
        label="Agent"
        hint={answer?.next_cursor ? `The newest ${listed} agents. POST .../members adds each other one.` : undefined}
      >
        <Select autoFocus value={agent?.id} onChange={(event) => setChosen(event.target.value)}>
          {free.map(({ id, name, agent_type: type }) => (
            <option key={id} value={id}>
              {name} ({type})
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Role" hint="Its key reads what the role reads. It changes nothing but its own work.">
        <RoleSelect roles={roles} value={role} onChange={setRole} />
      </Field>
    </CommandForm>
  );
}
