import { useState } from 'react';
import { archiveOrganization } from '#server/contracts/organizations.ts';
import { useChooseOrganization } from '../../lib/use-choose-organization.ts';
import { useCommand } from '../../lib/use-command.ts';
import { lackOf, useOrganization, useRightsIn } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { Field, TextInput } from '../field.tsx';
import type { Organization } from './organization-form.tsx';
import { RestoreOrganization } from './restore.tsx';

/** Archives an organization, or restores it. */
export function ArchiveCard({ organization }: { organization: Organization }) {
  const rights = useRightsIn(organization);
  const [asking, setAsking] = useState(false);
  const { name, archived_at: archivedAt } = organization;
  const close = () => setAsking(false);
  return (
    <Card title={archivedAt ? 'Restore the organization' : 'Archive the organization'}>
      <div className="space-y-3">
        {archivedAt ? (
          <p className="text-sm">
            {name} accepts no new work. Once it is restored, tasks that wait go on, and members can choose it again.
          </p>
        ) : (
          <ul className="max-w-prose list-disc space-y-1 pl-5 text-sm">
            <li>
              No new work starts, and tasks that have not begun wait. Agents that work and plans that are being made go
              on.
            </li>
            <li>Members can no longer choose it.</li>
            <li>Nothing is deleted: projects, runs, members and costs stay, and an owner can restore it.</li>
            <li>
              A subscription ends with the period that is paid. Restoring the organization does not take that back.
            </li>
          </ul>
        )}
        {archivedAt ? (
          <RestoreOrganization organization={organization} />
        ) : (
          <Button look="danger" because={lackOf(rights, 'org:delete')} onClick={() => setAsking(true)}>
            Archive
          </Button>
        )}
      </div>
      <Dialog open={asking} onClose={close} title={`Archive ${name}?`}>
        <ArchiveForm organization={organization} onCancel={close} />
      </Dialog>
    </Card>
  );
}

/** Archives once the name is typed. */
function ArchiveForm({ organization: { id, name }, onCancel }: { organization: Organization; onCancel: () => void }) {
  const archive = useCommand(archiveOrganization);
  const choose = useChooseOrganization();
  const chosen = useOrganization();
  const [typed, setTyped] = useState('');
  const submit = async () => {
    // Another one is chosen where this one was.
    if (await archive.run({ params: { id } })) choose(chosen.id, '/organizations');
  };
  return (
    <CommandForm
      command={archive}
      act="Archive"
      look="danger"
      disabled={typed.trim() !== name}
      onCancel={onCancel}
      onSubmit={submit}
    >
      <Field label={`Type ${name} to archive it`}>
        <TextInput
          required
          autoFocus
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
    </CommandForm>
  );
}
