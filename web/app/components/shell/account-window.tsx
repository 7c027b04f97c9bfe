import { Form } from '@remix-run/react';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button, ButtonLink } from '../button.tsx';
import { ClosesPopover, Popover } from '../menu.tsx';
import { TextLink } from '../text-link.tsx';
import { AccountButton } from './account-button.tsx';
import { OrganizationName } from './organization-name.tsx';
import type { AccountParts } from './account.tsx';

/** The person: who they are, their pages, and the way out. */
export default function AccountWindow({ shell: { me, organization }, onHelp }: AccountParts) {
  const name = me.full_name ?? me.email;
  const wide = useRoomForTwo();
  const lacksMembers = useLacks('org:members:read');
  const lacksModelKeys = useLacks('org:write');
  const lacksBilling = useLacks('org:billing:read');
  return (
    <Popover title="Account" opened trigger={<AccountButton name={name} />}>
      <div className="border-b px-4 py-3">
        <p className="truncate text-sm font-medium">{name}</p>
        <p className="truncate text-xs text-muted">{me.full_name ? me.email : organization.name}</p>
        <p className="mt-1 flex flex-wrap gap-x-3 text-xs">
          {lacksMembers === undefined && (
            <ClosesPopover>
              <TextLink to={`/organizations/${organization.id}/members`}>Members of {organization.name}</TextLink>
            </ClosesPopover>
          )}
          {lacksModelKeys === undefined && (
            <ClosesPopover>
              <TextLink to={`/organizations/${organization.id}/model-keys`}>Model keys</TextLink>
            </ClosesPopover>
          )}
          {lacksBilling === undefined && (
            <ClosesPopover>
              <TextLink to={`/organizations/${organization.id}/billing`}>Billing</TextLink>
            </ClosesPopover>
          )}
          <ClosesPopover>
            <TextLink to="/organizations">Organizations</TextLink>
          </ClosesPopover>
          {me.is_super_admin && (
            <ClosesPopover>
              <TextLink to="/mailbox">Mailbox</TextLink>
            </ClosesPopover>
          )}
        </p>
        {!wide && me.organizations.length > 1 && (
          <div className="mt-2">
            <OrganizationName chosen={organization} organizations={me.organizations} />
          </div>
        )}
      </div>
      <div className="flex justify-between px-2 py-2">
        <ClosesPopover>
          <ButtonLink look="quiet" size="sm" to="/settings/profile">
            Settings
          </ButtonLink>
        </ClosesPopover>
        <Button look="quiet" size="sm" onClick={onHelp}>
          Keyboard shortcuts
        </Button>
        <Form method="post" action="/sign-out">
          <Button look="quiet" size="sm" type="submit">
            Sign out
          </Button>
        </Form>
      </div>
    </Popover>
  );
}
