import { data, type LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import { listGates } from '#server/contracts/gate-queue.ts';
import { getSpec } from '#server/contracts/specs.ts';
import { phaseName } from '#workflows/domain/phases/names.ts';
import { apiFor } from './api.server.ts';
import { specPage } from './spec-page.server.ts';
import { loadTicketPage } from './ticket-page.server.ts';

/** What a gate, `kind:ID` of its spec or ticket, asks and shows; also after it has been decided. */
export async function loadGatePage(where: LoaderFunctionArgs) {
  const [kind = '', id = ''] = (where.params.gateId ?? '').split(':');
  const api = apiFor(where);
  if (kind === 'phase') {
    const spec = await api(getSpec, { params: { id } });
    const page = await specPage(api, spec, phaseName(spec.current_phase)?.tab ?? 'attempts');
    const project = { ...page.project, organization_id: spec.organization_id };
    return { kind, id, project, title: spec.title, ...(await inQueue()), page };
  }
  if (kind !== 'ticket' && kind !== 'approval')
    throw data({ error: 'not_found', message: 'There is no such gate.', request_id: null }, { status: 404 });
  const page = await loadTicketPage(api, id);
  const { ticket } = page.details;
  const title = `${ticket.key} ${ticket.title}`;
  return { kind: kind as 'ticket' | 'approval', id, project: page.project, title, ...(await inQueue()), page };

  /** Its row in the queue; undefined once it is decided, or while work goes on before it. */
  async function inQueue() {
    const { items } = await api(listGates, { query: {} });
    return { gate: items.find((item) => item.id === `${kind}:${id}`) };
  }
}

export type GatePage = ReturnType<typeof useLoaderData<typeof loadGatePage>>;
