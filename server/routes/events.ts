import * as contracts from '../contracts/events.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/events.ts';

export const eventRoutes = [
  route(contracts.newestEvent, (_input, call) => usecases.newestEvent(call)),
  route(contracts.listEvents, ({ query }, call) => usecases.listEvents(call, query)),
];
