import * as contracts from '../contracts/agents.ts';
import { route } from '../http/define-route.ts';
import * as control from '../usecases/agent-control.ts';
import * as usecases from '../usecases/agents.ts';

/** Registered agents. They come before the runs, which answer under /agents/{id} too. */
export const agentRoutes = [
  route(contracts.registerAgent, ({ body }, call) => usecases.registerAgent(call, body)),
  route(contracts.listAgents, ({ query }, call) => usecases.listAgents(call, query)),
  route(contracts.searchAgents, ({ query }, call) => usecases.searchAgents(call, query)),
  route(contracts.bestAgent, ({ query }, call) => usecases.bestAgent(call, query)),
  route(contracts.agentsHealth, ({ query }, call) => control.agentsHealth(call, query.project_id)),
  route(contracts.staleAgents, ({ query }, call) => control.staleAgents(call, query.project_id)),
  route(contracts.agentStatistics, ({ query }, call) => control.agentStatistics(call, query.project_id)),
  route(contracts.cleanUpStale, ({ body }, call) => control.cleanUpStale(call, body.project_id)),
  route(contracts.getAgent, ({ params }, call) => usecases.getAgent(call, params.id)),
  route(contracts.updateAgent, ({ params, body }, call) => usecases.updateAgent(call, params.id, body)),
  route(contracts.setAvailability, ({ params, body }, call) =>
    usecases.setAvailability(call, params.id, body.available),
  ),
  route(contracts.heartbeat, ({ params, body }, call) => usecases.heartbeat(call, params.id, body)),
  route(contracts.agentHealth, ({ params }, call) => control.agentHealth(call, params.id)),
  route(contracts.agentTransitions, ({ params, query }, call) => usecases.agentTransitions(call, params.id, query)),
  route(contracts.restartAgent, ({ params, body }, call) => control.restartAgent(call, params.id, body)),
  route(contracts.clearAgent, ({ params, body }, call) => control.clearAgent(call, params.id, body.evidence)),
  route(contracts.quarantineAgent, ({ params, body }, call) => control.quarantineAgent(call, params.id, body.reason)),
  route(contracts.terminateAgent, ({ params, body }, call) => control.terminateAgent(call, params.id, body.reason)),
  route(contracts.agentWork, ({ params, query }, call) => usecases.agentWork(call, params.id, query.limit)),
  route(contracts.acceptWork, ({ params }, call) => usecases.acceptWork(call, params.id, params.task_id)),
  route(contracts.handInPatch, ({ params, body }, call) => usecases.handInPatch(call, params.id, body.patch)),
  route(contracts.reportAgentEvent, ({ body }, call) => usecases.reportAgentEvent(call, body)),
];
