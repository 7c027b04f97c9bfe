import type { ReactNode } from 'react';
import { PageTitle } from '../page-title.tsx';
import { Tabs, type Tab } from '../tabs.tsx';

const pages: readonly Tab[] = [
  { id: 'profile', label: 'Profile' },
  { id: 'appearance', label: 'Appearance' },
  { id: 'notifications', label: 'Notifications' },
  { id: 'security', label: 'Security' },
  { id: 'sessions', label: 'Sessions' },
  { id: 'api-keys', label: 'API keys' },
  { id: 'model-keys', label: 'Model keys' },
].map((page) => ({ ...page, to: `/settings/${page.id}` }));

/** The frame of the pages about the person. */
export const SettingsFrame = ({
  page,
  note,
  aside,
  children,
}: {
  page: string;
  note: string;
  aside?: ReactNode;
  children: ReactNode;
}) => (
  <div className="space-y-4">
    <PageTitle title="Settings" note={note}>
      {aside}
    </PageTitle>
    <Tabs label="Settings" tabs={pages} active={page} />
    {children}
  </div>
);
