import { z } from 'zod';
import { email, token } from './auth.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const invitationSchema = z.object({
  id: uuid,
  email: z.string(),
  role: z.string(),
  role_id: uuid,
  invited_by: uuid,
  created_at: isoTime,
  expires_at: isoTime,
  is_expired: z.boolean(),
});
const invitationParams = idParams.extend({ invitation_id: recordId });

export const listInvitations = contract({
  method: 'get',
  path: '/organizations/{id}/invitations',
  tag: 'organizations',
  summary: 'List invitations that wait or have expired',
  auth: 'org:members:read',
  scope: byId('organization'),
  params: idParams,
  query: pageQuery,
  response: listOf(invitationSchema),
});
export const createInvitation = contract({
  method: 'post',
  path: '/organizations/{id}/invitations',
  tag: 'organizations',
  summary: 'Invite an e-mail address; nobody gives a role what they lack themselves',
  rate_limit: 'invite',
  auth: 'org:members:write',
  scope: byId('organization'),
  params: idParams,
  status: 201,
  body: z.strictObject({ email, role_id: uuid }),
  response: invitationSchema,
});
export const resendInvitation = contract({
  method: 'post',
  path: '/organizations/{id}/invitations/{invitation_id}/resend',
  tag: 'organizations',
  summary: 'Send an invitation again, with a new link; the old one ends',
  rate_limit: 'invite',
  auth: 'org:members:write',
  scope: byId('organization'),
  params: invitationParams,
  response: invitationSchema,
});
export const revokeInvitation = contract({
  method: 'delete',
  path: '/organizations/{id}/invitations/{invitation_id}',
  tag: 'organizations',
  summary: 'Revoke an invitation; its link ends',
  auth: 'org:members:write',
  scope: byId('organization'),
  params: invitationParams,
  status: 204,
});
export const viewInvitation = contract({
  method: 'post',
  path: '/invitations/view',
  tag: 'organizations',
  summary: 'Show the invitation of a mailed link',
  rate_limit: 'accept',
  auth: 'none',
  scope: 'none',
  body: z.strictObject({ token }),
  response: z.object({
    organization: z.string(),
    role: z.string(),
    email: z.string(),
    expires_at: isoTime,
    /** The address has an account: its owner signs in. Else they register. */
    has_account: z.boolean(),
  }),
});
export const acceptInvitation = contract({
  method: 'post',
  path: '/invitations/accept',
  tag: 'organizations',
  summary: 'Join the organization of an invitation',
  rate_limit: 'accept',
  auth: 'user',
  scope: 'none',
  body: z.strictObject({ token }),
  response: z.object({ organization_id: uuid }),
});
