import type { Services } from '#activities/ports/services.ts';
import * as contracts from '../contracts/invitations.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/invitations.ts';

export const invitationRoutes = (services: Services) => [
  route(contracts.listInvitations, ({ query }, call) => usecases.listInvitations(call, query)),
  route(contracts.createInvitation, ({ body }, call) => usecases.createInvitation(call, body)),
  route(contracts.resendInvitation, ({ params }, call) => usecases.resendInvitation(call, params.invitation_id)),
  route(contracts.revokeInvitation, ({ params }, call) => usecases.revokeInvitation(call, params.invitation_id)),
  route(contracts.viewInvitation, ({ body }) => usecases.viewInvitation(services, body.token)),
  route(contracts.acceptInvitation, ({ body }, call) => usecases.acceptOwnInvitation(call, body.token)),
];
