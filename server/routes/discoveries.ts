import * as contracts from '../contracts/discoveries.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/discoveries.ts';

export const discoveryRoutes = [
  route(contracts.listDiscoveries, ({ query }, call) => usecases.listDiscoveries(call, query)),
  route(contracts.ticketDiscoveries, ({ params, query }, call) => usecases.ticketDiscoveries(call, params.id, query)),
  route(contracts.reportDiscovery, ({ params, body }, call) => usecases.reportDiscovery(call, params.id, body)),
  route(contracts.taskDiscoveries, ({ params, query }, call) => usecases.taskDiscoveries(call, params.id, query)),
  route(contracts.resolveDiscovery, ({ params, body }, call) =>
    usecases.resolveDiscovery(call, params.id, body.status),
  ),
];
