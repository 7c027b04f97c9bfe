import * as contracts from '../contracts/invoices.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/invoices.ts';

export const invoiceRoutes = [
  route(contracts.listInvoices, ({ query }, call) => usecases.listInvoices(call, query)),
  route(contracts.generateInvoice, (_input, call) => usecases.generateInvoice(call)),
  route(contracts.getInvoice, ({ params }, call) => usecases.getInvoice(call, params.id)),
  route(contracts.payInvoice, ({ params }, call) => usecases.payInvoice(call, params.id)),
];
