import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listOrganizationCredentials } from '#server/contracts/credentials.ts';
import { OrganizationFrame } from '../components/organization/frame.tsx';
import { ModelKeys, NewModelKey } from '../components/settings/model-keys.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction = () => [{ title: 'Model keys · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Model keys' }] };
export const loader = async (where: LoaderFunctionArgs) => {
  const id = where.params.organizationId ?? '';
  return { id, keys: await apiFor(where)(listOrganizationCredentials, { params: { id } }) };
};

/** The keys at providers of models that an organization brings. */
export default function OrganizationModelKeys() {
  const { id, keys } = useLoaderData<typeof loader>();
  return (
    <OrganizationFrame
      page="model-keys"
      organizationId={id}
      note="Keys at providers of models, with which the work of this organization is paid."
      aside={<NewModelKey organization={id} allowed={keys.allowed} />}
    >
      <ModelKeys keys={keys} organization={id} />
    </OrganizationFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
