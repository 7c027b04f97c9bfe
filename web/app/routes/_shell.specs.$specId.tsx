import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { getSpec } from '#server/contracts/specs.ts';
import { apiFor } from '../lib/api.server.ts';

/** Redirects from a spec's id to its page in its project. */
export const loader = async (where: LoaderFunctionArgs) => {
  const spec = await apiFor(where)(getSpec, { params: { id: where.params.specId ?? '' } });
  return redirect(`/projects/${spec.project_id}/specs/${spec.id}`);
};

export default function Elsewhere() {
  return null;
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
