import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listCredentials } from '#server/contracts/credentials.ts';
import { SettingsFrame } from '../components/settings/frame.tsx';
import { ModelKeys, NewModelKey } from '../components/settings/model-keys.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction = () => [{ title: 'Model keys · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(listCredentials, {});

export default function ModelKeysPage() {
  const keys = useLoaderData<typeof loader>();
  return (
    <SettingsFrame
      page="model-keys"
      note="Your keys at providers of models. They are used for the work that you start, before those of the organization."
      aside={<NewModelKey allowed={keys.allowed} />}
    >
      <ModelKeys keys={keys} />
    </SettingsFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
