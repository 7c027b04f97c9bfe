import * as contracts from '../contracts/mails.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/mails.ts';

export const mailRoutes = [route(contracts.listMails, ({ query }, call) => usecases.listMails(call, query))];
