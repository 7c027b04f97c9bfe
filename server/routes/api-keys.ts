import * as contracts from '../contracts/api-keys.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/api-keys.ts';

export const apiKeyRoutes = [
  route(contracts.listApiKeys, ({ query }, call) => usecases.listApiKeys(call, query)),
  route(contracts.createApiKey, ({ body }, call) => usecases.createApiKey(call, body)),
  route(contracts.revokeApiKey, ({ params }, call) => usecases.revokeApiKey(call, params.id)),
];
