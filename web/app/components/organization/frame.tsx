import type { ReactNode } from 'react';
import { lackOf, useRights } from '../../lib/viewer.ts';
import { PageTitle } from '../page-title.tsx';
import { Tabs } from '../tabs.tsx';

const pages = [
  { id: 'members', label: 'Members', needs: 'org:members:read' },
  { id: 'roles', label: 'Roles', needs: 'org:read' },
  { id: 'model-keys', label: 'Model keys', needs: 'org:write' },
  { id: 'billing', label: 'Billing', needs: 'org:billing:read' },
] as const;

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
  const tabs = pages
    .filter(({ id, needs }) => id === page || !lackOf(rights, needs))
    .map(({ id, label }) => ({ id, label, to: `/organizations/${organizationId}/${id}` }));
  return (
    <div className="space-y-4">
      <PageTitle title={tabs.find(({ id }) => id === page)?.label} note={note}>
        {aside}
      </PageTitle>
      <Tabs label="Organization" tabs={tabs} active={page} />
      {children}
    </div>
  );
}
