import * as contracts from '../contracts/alerts.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/alerts.ts';

export const alertRoutes = [
  route(contracts.listAlerts, ({ query }, call) => usecases.listAlerts(call, query)),
  route(contracts.listAlertRules, (_input, call) => usecases.listAlertRules(call)),
  route(contracts.setAlertRule, ({ params, body }, call) => usecases.setAlertRule(call, params.name, body)),
  route(contracts.removeAlertRule, ({ params }, call) => usecases.removeAlertRule(call, params.name)),
  route(contracts.listAlertEndpoints, (_input, call) => usecases.listAlertEndpoints(call)),
  route(contracts.addAlertEndpoint, ({ body }, call) => usecases.addAlertEndpoint(call, body)),
  route(contracts.removeAlertEndpoint, ({ params }, call) => usecases.removeAlertEndpoint(call, params.id)),
  route(contracts.tryAlertEndpoint, ({ params }, call) => usecases.tryAlertEndpoint(call, params.id)),
  route(contracts.listAlertDeliveries, ({ params, query }, call) =>
    usecases.listAlertDeliveries(call, params.id, query),
  ),
  route(contracts.getAlert, ({ params }, call) => usecases.getAlert(call, params.id)),
  route(contracts.acknowledgeAlert, ({ params }, call) => usecases.acknowledgeAlert(call, params.id)),
  route(contracts.resolveAlert, ({ params }, call) => usecases.resolveAlert(call, params.id)),
];
