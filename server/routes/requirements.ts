import * as contracts from '../contracts/requirements.ts';
import { route } from '../http/define-route.ts';
import { editRequirement, lintRequirements } from '../usecases/requirements.ts';

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
];
