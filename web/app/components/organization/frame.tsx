import type { ReactNode } from 'react';
import { lackOf, useRights, useShownOrganization } from '../../lib/viewer.ts';
import { Notice } from '../card.tsx';
import { PageTitle } from '../page-title.tsx';
import { Tabs } from '../tabs.tsx';
import { TextLink } from '../text-link.tsx';

const pages = [
  { id: 'members', label: 'Members', needs: 'org:members:read' },
  { id: 'roles', label: 'Roles', needs: 'org:read' },
  { id: 'model-keys', label: 'Model keys', needs: 'org:write' },
  { id: 'billing', label: 'Billing', needs: 'org:billing:read' },
  { id: 'settings', label: 'Settings', needs: 'org:read' },
] as const;

/** The page about an organization that one sees first. */
export const firstOrganizationPage = (rights: { role: string; permissions: string[] }): string =>
  pages.find(({ needs }) => !lackOf(rights, needs))?.id ?? 'settings';

/** The frame of the pages about an organization: those that the viewer may read. */
export function OrganizationFrame({
  page,
  organizationId,
  note,
  aside,
  children,
}: {
  page: (typeof pages)[number]['id'];
  organizationId: string;
  note: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const rights = useRights(organizationId);
  const shown = useShownOrganization();
  const tabs = pages
    .filter(({ id, needs }) => id === page || !lackOf(rights, needs))
    .map(({ id, label }) => ({ id, label, to: `/organizations/${organizationId}/${id}` }));
  return (
    <div className="space-y-4">
      <PageTitle title={tabs.find(({ id }) => id === page)?.label} note={note}>
        {aside}
      </PageTitle>
      <Tabs label="Organization" tabs={tabs} active={page} />
      {shown?.archived_at && (
        <Notice tone="warn">
          {shown.name} is archived: it accepts no new work. Its owner restores it in its{' '}
          <TextLink to={`/organizations/${shown.id}/settings`}>settings</TextLink>.
        </Notice>
      )}
      {children}
    </div>
  );
}
