import { z } from 'zod';
import { userSchema } from './auth.ts';
import { contract, idParams, listOf, pageQuery, reasonBody, uuid } from './contract.ts';

export const listUsers = contract({
  method: 'get',
  path: '/admin/users',
  tag: 'auth',
  summary: 'Accounts, the oldest first (administrators of the installation only)',
  auth: 'administrator',
  scope: 'none',
  query: pageQuery.extend({
    email: z.string().max(254).optional(),
    is_active: z.enum(['true', 'false']).optional(),
  }),
  response: listOf(userSchema),
});
export const deactivateUser = contract({
  method: 'post',
  path: '/admin/users/{id}/deactivate',
  tag: 'auth',
  summary: 'Refuse an account everywhere, at once; its running work goes on',
  auth: 'administrator',
  scope: 'none',
  failures: [409],
  params: idParams,
  body: reasonBody,
  response: userSchema.extend({
    /** Organizations that have no other active owner. */
    last_owner_of: z.array(z.object({ id: uuid, name: z.string(), slug: z.string() })),
  }),
});
export const activateUser = contract({
  method: 'post',
  path: '/admin/users/{id}/activate',
  tag: 'auth',
  summary: 'Let a deactivated account sign in again',
  auth: 'administrator',
  scope: 'none',
  params: idParams,
  body: reasonBody,
  response: userSchema,
});
