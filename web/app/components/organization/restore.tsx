import { useLocation } from '@remix-run/react';
import { restoreOrganization } from '#server/contracts/organizations.ts';
import { useChooseOrganization } from '../../lib/use-choose-organization.ts';
import { useCommand } from '../../lib/use-command.ts';
import { lackOf, useOrganization, useRightsIn } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { useToast } from '../toast.tsx';

/** Lets an archived organization work again. */
export function RestoreOrganization({
  organization,
}: {
  organization: { id: string; name: string; role: string; permissions: string[] };
}) {
  const rights = useRightsIn(organization);
  const restore = useCommand(restoreOrganization);
  const choose = useChooseOrganization();
  const chosen = useOrganization();
  const here = useLocation().pathname;
  const toast = useToast();
  const act = async () => {
    if (!(await restore.run({ params: { id: organization.id } }))) return;
    toast(`${organization.name} restored`);
    choose(chosen.id, here);
  };
  return (
    <>
      <Button
        size="sm"
        because={lackOf(rights, 'org:delete')}
        busy={restore.busy}
        aria-label={`Restore ${organization.name}`}
        onClick={() => void act()}
      >
        Restore
      </Button>
      <CommandError error={restore.error} />
    </>
  );
}
