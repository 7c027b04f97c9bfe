import * as contracts from '../contracts/board.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/board.ts';

export const boardRoutes = [
  route(contracts.taskBoard, ({ query }, call) => usecases.taskBoard(call, query)),
  route(contracts.ticketBoard, ({ query }, call) => usecases.ticketBoard(call, query)),
];
