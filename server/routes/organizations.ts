import * as contracts from '../contracts/organizations.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/organizations.ts';

export const organizationRoutes = [
  route(contracts.listOrganizations, ({ query }, call) => usecases.listOrganizations(call, query)),
  route(contracts.createOrganization, ({ body }, call) => usecases.createOrganization(call, body)),
  route(contracts.getOrganization, (_input, call) => usecases.getOrganization(call)),
  route(contracts.updateOrganization, ({ body }, call) => usecases.updateOrganization(call, body)),
  route(contracts.archiveOrganization, (_input, call) => usecases.archiveOrganization(call)),
  route(contracts.listMembers, ({ query }, call) => usecases.listMembers(call, query)),
  route(contracts.addMember, ({ body }, call) => usecases.addMember(call, body)),
  route(contracts.listRoles, ({ query }, call) => usecases.listRoles(call, query)),
];
