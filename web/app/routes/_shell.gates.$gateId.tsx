import { data, redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { getSpec } from '#server/contracts/specs.ts';
import { getTicket } from '#server/contracts/tickets.ts';
import { apiFor } from '../lib/api.server.ts';

/** Redirects from a gate, `kind:ID`, to the page of its spec or ticket, which shows it. */
export const loader = async (where: LoaderFunctionArgs) => {
  const [kind, id = ''] = (where.params.gateId ?? '').split(':');
  const api = apiFor(where);
  if (kind === 'phase') {
    const spec = await api(getSpec, { params: { id } });
    return redirect(`/projects/${spec.project_id}/specs/${spec.id}`);
  }
  if (kind !== 'ticket' && kind !== 'approval')
    throw data({ error: 'not_found', message: 'There is no such gate.', request_id: null }, { status: 404 });
  const ticket = await api(getTicket, { params: { id } });
  return redirect(`/board/${ticket.project_id}/${ticket.id}`);
};

export default function Elsewhere() {
  return null;
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
