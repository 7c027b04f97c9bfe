import * as contracts from '../contracts/report.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/report.ts';

export const reportRoutes = [route(contracts.report, ({ query }, call) => usecases.report(call, query))];
