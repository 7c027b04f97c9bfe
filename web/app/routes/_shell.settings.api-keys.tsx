import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listApiKeys } from '#server/contracts/api-keys.ts';
import { Card, Empty } from '../components/card.tsx';
import { ApiKeysTable, NewApiKey } from '../components/settings/api-keys.tsx';
import { SettingsFrame } from '../components/settings/frame.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction = () => [{ title: 'API keys · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(listApiKeys, { query: { limit: 200 } });

export default function ApiKeysPage() {
  const { items } = useLoaderData<typeof loader>();
  return (
    <SettingsFrame page="api-keys" note="Programs call the API with these keys, in your name." aside={<NewApiKey />}>
      <Card flush>{items.length === 0 ? <Empty title="No API keys" /> : <ApiKeysTable keys={items} />}</Card>
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
