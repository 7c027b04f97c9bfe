import * as contracts from '../contracts/organizations.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/organizations.ts';
import * as roles from '../usecases/roles.ts';

export const organizationRoutes = [
  route(contracts.listOrganizations, ({ query }, call) => usecases.listOrganizations(call, query)),
  route(contracts.createOrganization, ({ body }, call) => usecases.createOrganization(call, body)),
  route(contracts.getOrganization, (_input, call) => usecases.getOrganization(call)),
  route(contracts.updateOrganization, ({ body }, call) => usecases.updateOrganization(call, body)),
  route(contracts.archiveOrganization, (_input, call) => usecases.archiveOrganization(call)),
  route(contracts.restoreOrganization, (_input, call) => usecases.restoreOrganization(call)),
  route(contracts.listMembers, ({ query }, call) => usecases.listMembers(call, query)),
  route(contracts.addMember, ({ body }, call) => usecases.addMember(call, body)),
  route(contracts.changeMember, ({ params, body }, call) => usecases.changeMember(call, params.member_id, body)),
  route(contracts.leaveOrganization, (_input, call) => usecases.leaveOrganization(call)),
  route(contracts.removeMember, ({ params }, call) => usecases.removeMember(call, params.member_id)),
  route(contracts.listRoles, ({ query }, call) => roles.listRoles(call, query)),
  route(contracts.createRole, ({ body }, call) => roles.createRole(call, body)),
  route(contracts.updateRole, ({ params, body }, call) => roles.updateRole(call, params.role_id, body)),
  route(contracts.deleteRole, ({ params }, call) => roles.deleteRole(call, params.role_id)),
];
