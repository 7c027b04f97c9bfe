import * as contracts from '../contracts/requirements.ts';
import { route } from '../http/define-route.ts';
import * as gates from '../contracts/gate-edits.ts';
import { editTask, plannedTasks, putDesign, restoreVersion } from '../usecases/gate-edits.ts';
import { attemptDifference, versionDifference } from '../usecases/version-difference.ts';
import { editCriterion, editRequirement, lintRequirements } from '../usecases/requirements.ts';

export const requirementRoutes = [
  route(contracts.lintRequirements, ({ body }, call) => lintRequirements(call, body)),
  route(contracts.addRequirement, ({ params, body: { version, ...fields } }, call) =>
    editRequirement(call, params.id, { action: 'added', fields }, version),
  ),
  route(contracts.changeRequirement, ({ params, body: { version, ...fields } }, call) =>
    editRequirement(call, params.id, { action: 'changed', id: params.requirement, fields }, version),
  ),
  route(contracts.removeRequirement, ({ params, body }, call) =>
    editRequirement(call, params.id, { action: 'removed', id: params.requirement }, body.version),
  ),
  route(contracts.addCriterion, ({ params, body: { version, ...fields } }, call) =>
    editCriterion(call, params.id, { action: 'added', requirement: params.requirement, ...fields }, version),
  ),
  route(contracts.changeCriterion, ({ params, body: { version, ...fields } }, call) =>
    editCriterion(call, params.id, { action: 'changed', id: params.criterion, ...fields }, version),
  ),
  route(contracts.removeCriterion, ({ params, body }, call) =>
    editCriterion(call, params.id, { action: 'removed', id: params.criterion }, body.version),
  ),
  route(gates.putDesign, ({ params, body }, call) => putDesign(call, params.id, body)),
  route(gates.listPlannedTasks, ({ params }, call) => plannedTasks(call, params.id)),
  route(gates.addPlannedTask, ({ params, body: { version, ...fields } }, call) =>
    editTask(call, params.id, { action: 'added', fields }, version),
  ),
  route(gates.changePlannedTask, ({ params, body: { version, ...fields } }, call) =>
    editTask(call, params.id, { action: 'changed', id: params.task, fields }, version),
  ),
  route(gates.movePlannedTask, ({ params, body: { version, before } }, call) =>
    editTask(call, params.id, { action: 'moved', id: params.task, before }, version),
  ),
  route(gates.removePlannedTask, ({ params, body }, call) =>
    editTask(call, params.id, { action: 'removed', id: params.task }, body.version),
  ),
  route(gates.versionDifference, ({ params, query }, call) => versionDifference(call, params.id, params.number, query)),
  route(gates.attemptDifference, ({ params, query }, call) => attemptDifference(call, params.id, params.phase, query)),
  route(gates.restoreVersion, ({ params, body }, call) => restoreVersion(call, params.id, params.number, body.version)),
];
