import * as contracts from '../contracts/board.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/board.ts';
import * as moves from '../usecases/board-moves.ts';

export const boardRoutes = [
  route(contracts.taskBoard, ({ query }, call) => usecases.taskBoard(call, query)),
  route(contracts.ticketBoard, ({ query }, call) => usecases.ticketBoard(call, query)),
  route(contracts.boardView, ({ query }, call) => moves.boardView(call, query)),
  route(contracts.boardStats, ({ query }, call) => moves.boardStats(call, query.project_id)),
  route(contracts.wipViolations, ({ query }, call) => moves.wipViolations(call, query.project_id)),
  route(contracts.boardColumn, ({ params, query }, call) => moves.boardColumn(call, params.column, query)),
  route(contracts.moveOnBoard, ({ body }, call) => moves.moveOnBoard(call, body)),
  route(contracts.autoTransition, ({ params }, call) => moves.autoTransition(call, params.id)),
];
