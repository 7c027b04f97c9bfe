import * as contracts from '../contracts/spec-life.ts';
import { listProjectSpecs } from '../contracts/specs.ts';
import { route } from '../http/define-route.ts';
import { importSpec } from '../usecases/import-spec.ts';
import * as usecases from '../usecases/spec-life.ts';
import { approvePhase, listSpecs } from '../usecases/specs.ts';

export const specLifeRoutes = [
  route(contracts.createSpec, ({ body }, call) => usecases.createSpec(call, body)),
  route(listProjectSpecs, ({ params, query }, call) => listSpecs(call, { ...query, project_id: params.id })),
  route(contracts.importSpec, ({ body }, call) => importSpec(call, body)),
  route(contracts.updateSpec, ({ params, body }, call) => usecases.updateSpec(call, params.id, body)),
  route(contracts.archiveSpec, ({ params }, call) => usecases.archiveSpec(call, params.id)),
  route(contracts.restoreSpec, ({ params }, call) => usecases.restoreSpec(call, params.id)),
  route(contracts.linkTickets, ({ params, body }, call) => usecases.setLinks(call, params.id, body.ticket_ids, true)),
  route(contracts.unlinkTickets, ({ params, body }, call) =>
    usecases.setLinks(call, params.id, body.ticket_ids, false),
  ),
  route(contracts.listLinkedTickets, ({ params, query }, call) => usecases.linkedTickets(call, params.id, query)),
  route(contracts.approveRequirements, ({ params }, call) => approvePhase(call, params.id, 'requirements')),
  route(contracts.approveDesign, ({ params }, call) => approvePhase(call, params.id, 'design')),
  route(contracts.criteriaStatus, ({ params }, call) => usecases.criteriaStatus(call, params.id)),
  route(contracts.executionStatus, ({ params }, call) => usecases.executionStatus(call, params.id)),
  route(contracts.executeTasks, ({ params, body }, call) => usecases.executeTasks(call, params.id, body)),
  route(contracts.shareSpec, ({ params }, call) => usecases.shareSpec(call, params.id)),
  route(contracts.unshareSpec, ({ params }, call) => usecases.unshareSpec(call, params.id)),
  route(contracts.showcase, ({ params }, call) => usecases.showcase(call.services, params.token)),
];
