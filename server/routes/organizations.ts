import * as contracts from '../contracts/organizations.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/organizations.ts';

export const organizationRoutes = [
  route(contracts.listOrganizations, (_input, call) => usecases.listOrganizations(call)),
  route(contracts.createOrganization, ({ body }, call) => usecases.createOrganization(call, body)),
  route(contracts.getOrganization, (_input, call) => usecases.getOrganization(call)),
  route(contracts.updateOrganization, ({ body }, call) => usecases.updateOrganization(call, body)),
  route(contracts.archiveOrganization, (_input, call) => usecases.archiveOrganization(call)),
  route(contracts.listMembers, (_input, call) => usecases.listMembers(call)),
  route(contracts.addMember, ({ body }, call) => usecases.addMember(call, body)),
  route(contracts.listRoles, (_input, call) => usecases.listRoles(call)),
];
