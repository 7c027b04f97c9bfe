import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { notificationSettings } from '#server/contracts/notifications.ts';
import { SettingsFrame } from '../components/settings/frame.tsx';
import { NotificationSettings } from '../components/settings/notifications.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction = () => [{ title: 'Notifications · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(notificationSettings, {});

export default function NotificationsPage() {
  return (
    <SettingsFrame page="notifications" note="What you are told, how, and when.">
      <NotificationSettings settings={useLoaderData<typeof loader>()} />
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
