import type { MetaFunction } from '@remix-run/node';
import { Appearance } from '../components/settings/appearance.tsx';
import { SettingsFrame } from '../components/settings/frame.tsx';

export const meta: MetaFunction = () => [{ title: 'Appearance · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
/** Only routes with data have a breadcrumb. */
export const loader = () => ({});

export default function AppearancePage() {
  return (
    <SettingsFrame page="appearance" note="How the pages look to you, in every browser.">
      <Appearance />
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
