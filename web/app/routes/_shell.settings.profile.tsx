import type { MetaFunction } from '@remix-run/node';
import { Profile } from '../components/settings/profile.tsx';
import { SettingsFrame } from '../components/settings/frame.tsx';

export const meta: MetaFunction = () => [{ title: 'Profile · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
/** Only routes with data have a breadcrumb. */
export const loader = () => ({});

export default function ProfilePage() {
  return (
    <SettingsFrame page="profile" note="Who you are.">
      <Profile />
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
