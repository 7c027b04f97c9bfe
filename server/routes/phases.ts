import * as phases from '../contracts/board-phases.ts';
import { listGates } from '../contracts/gate-queue.ts';
import * as contracts from '../contracts/gates.ts';
import { route } from '../http/define-route.ts';
import { fixTicket } from '../usecases/fix-loop.ts';
import * as gates from '../usecases/gates.ts';
import * as queue from '../usecases/gate-queue.ts';
import * as moves from '../usecases/phase-moves.ts';
import { planTicket } from '../usecases/plan-ticket.ts';
import * as usecases from '../usecases/phases.ts';

export const phaseRoutes = [
  route(phases.listPhases, ({ query }, call) => usecases.listPhases(call, query.project_id)),
  route(phases.getPhase, ({ params, query }, call) => usecases.getPhase(call, params.phase_id, query.project_id)),
  route(phases.putPhase, ({ params, query, body }, call) =>
    usecases.putPhase(call, params.phase_id, query.project_id, body),
  ),
  route(phases.removePhase, ({ params, query }, call) => usecases.removePhase(call, params.phase_id, query.project_id)),
  route(listGates, ({ query }, call) => queue.listGates(call, query.project_id)),
  route(contracts.gateStatus, ({ params }, call) => gates.gateStatus(call, params.id)),
  route(contracts.validateGate, ({ params }, call) => gates.validateGate(call, params.id)),
  route(contracts.gateResults, ({ params, query }, call) => gates.gateResults(call, params.id, query)),
  route(contracts.addArtifact, ({ params, body }, call) => gates.addArtifact(call, params.id, body)),
  route(contracts.listArtifacts, ({ params, query }, call) => gates.listArtifacts(call, params.id, query)),
  route(contracts.ticketContext, ({ params, query }, call) => gates.ticketContext(call, params.id, query.phase_id)),
  route(contracts.canTransition, ({ params }, call) => moves.canTransition(call, params.id, params.phase_id)),
  route(contracts.transitionPhase, ({ params, body }, call) => moves.transitionPhase(call, params.id, body)),
  route(contracts.checkAdvance, ({ params }, call) => moves.checkAdvance(call, params.id)),
  route(contracts.fastTrack, ({ params, body }, call) => moves.fastTrack(call, params.id, body)),
  route(contracts.fixTicket, ({ params, body }, call) => fixTicket(call, params.id, body)),
  route(contracts.planTicket, ({ params }, call) => planTicket(call, params.id)),
  route(contracts.completeTicket, ({ params, body }, call) => moves.completeTicket(call, params.id, body)),
  route(contracts.spawnPhaseTasks, ({ params }, call) => moves.spawnPhaseTasks(call, params.id)),
];
