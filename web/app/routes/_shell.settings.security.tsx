import type { MetaFunction } from '@remix-run/node';
import { Security } from '../components/settings/security.tsx';
import { SettingsFrame } from '../components/settings/frame.tsx';

export const meta: MetaFunction = () => [{ title: 'Security · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
/** Only routes with data have a breadcrumb. */
export const loader = () => ({});

export default function SecurityPage() {
  return (
    <SettingsFrame page="security" note="How you sign in.">
      <Security />
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
