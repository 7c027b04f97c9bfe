import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { listPullRequests } from '#server/contracts/pull-requests.ts';
import { apiFor } from '../lib/api.server.ts';

/** The review of a spec is that of its newest pull request; without one, the spec says how far it is. */
export async function loader(where: LoaderFunctionArgs) {
  const { projectId, specId = '' } = where.params;
  const { items } = await apiFor(where)(listPullRequests, { query: { spec_id: specId, limit: 1 } });
  return redirect(items[0] ? `/pull-requests/${items[0].id}?tab=files` : `/projects/${projectId}/specs/${specId}`);
}
