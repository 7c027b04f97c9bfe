import * as contracts from '../contracts/mcp.ts';
import { route } from '../http/define-route.ts';
import * as calls from '../usecases/mcp-calls.ts';
import * as usecases from '../usecases/mcp.ts';

export const mcpRoutes = [
  route(contracts.registerServer, ({ body }, call) => usecases.registerServer(call, body)),
  route(contracts.listServers, ({ query }, call) => usecases.listServers(call, query)),
  route(contracts.removeServer, ({ params }, call) => usecases.removeServer(call, params.server)),
  route(contracts.listTools, ({ query }, call) => usecases.listTools(call, query)),
  route(contracts.searchTools, ({ query }, call) => usecases.searchTools(call, query)),
  route(contracts.getTool, ({ params }, call) => usecases.getTool(call, params)),
  route(contracts.markTool, ({ params, body }, call) => usecases.markTool(call, params, body)),
  route(contracts.grantPolicy, ({ body }, call) => usecases.grantPolicy(call, body)),
  route(contracts.listPolicies, ({ params }, call) => usecases.listPolicies(call, params.agent)),
  route(contracts.revokePolicy, ({ params }, call) => usecases.revokePolicy(call, params)),
  route(contracts.invokeTool, ({ body }, call) => calls.invokeTool(call, body)),
  route(contracts.listInvocations, ({ query }, call) => calls.listInvocations(call, query)),
  route(contracts.getInvocation, ({ params }, call) => calls.getInvocation(call, params.id)),
  route(contracts.listBreakers, (_input, call) => calls.listBreakers(call)),
];
