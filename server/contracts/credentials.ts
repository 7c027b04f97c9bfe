import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, nameOf, recordId, uuid } from './contract.ts';

const fields = {
  name: nameOf(100),
  base_url: z.url().max(2000).nullable(),
  model: z.string().trim().min(1).max(200).nullable(),
  config: z.strictObject({ small_model: z.string().trim().min(1).max(200).optional() }),
};
const secret = z
  .string()
  .min(8)
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'takes letters, digits and signs without spaces');

const credentialSchema = z.object({
  id: uuid,
  provider: z.string(),
  ...fields,
  last_four: z.string(),
  is_default: z.boolean(),
  created_at: isoTime,
  updated_at: isoTime,
});
const list = listOf(credentialSchema).omit({ next_cursor: true }).extend({
  /** Whether the plan of the organization has own keys. Without it they are kept, and the platform's key is used. */
  allowed: z.boolean(),
});
const newCredential = z.strictObject({
  provider: z.enum(['anthropic', 'openai']),
  name: fields.name,
  api_key: secret,
  base_url: fields.base_url.optional(),
  model: fields.model.optional(),
  config: fields.config.optional(),
  is_default: z.boolean().optional(),
});
/** Another base_url needs the key with it: who may only change addresses must not learn the key. */
const changes = z.strictObject({ ...fields, api_key: secret, is_default: z.boolean() }).partial();
const ofOrganization = idParams.extend({ credential_id: recordId });

export const listOrganizationCredentials = contract({
  method: 'get',
  path: '/organizations/{id}/credentials',
  tag: 'organizations',
  summary: "List the organization's own model keys, without the keys themselves",
  auth: 'org:read',
  scope: byId('organization'),
  params: idParams,
  response: list,
});
export const createOrganizationCredential = contract({
  method: 'post',
  path: '/organizations/{id}/credentials',
  tag: 'organizations',
  summary: 'Add a model key; the default of its provider is used for the work of the organization',
  auth: 'org:write',
  scope: byId('organization'),
  params: idParams,
  status: 201,
  body: newCredential,
  response: credentialSchema,
});
export const updateOrganizationCredential = contract({
  method: 'patch',
  path: '/organizations/{id}/credentials/{credential_id}',
  tag: 'organizations',
  summary: 'Change a model key; runs that wait for it continue',
  auth: 'org:write',
  scope: byId('organization'),
  failures: [409],
  params: ofOrganization,
  body: changes,
  response: credentialSchema,
});
export const removeOrganizationCredential = contract({
  method: 'delete',
  path: '/organizations/{id}/credentials/{credential_id}',
  tag: 'organizations',
  summary: 'Remove a model key',
  auth: 'org:write',
  scope: byId('organization'),
  params: ofOrganization,
  status: 204,
});

export const listCredentials = contract({
  method: 'get',
  path: '/auth/credentials',
  tag: 'auth',
  summary: "List the caller's own model keys, without the keys themselves",
  auth: 'user',
  response: list,
});
export const createCredential = contract({
  method: 'post',
  path: '/auth/credentials',
  tag: 'auth',
  summary: 'Add a model key; the default of its provider is used for the work that the caller starts',
  auth: 'user',
  status: 201,
  body: newCredential,
  response: credentialSchema,
});
export const updateCredential = contract({
  method: 'patch',
  path: '/auth/credentials/{id}',
  tag: 'auth',
  summary: 'Change a model key of the caller; runs that wait for it continue',
  auth: 'user',
  failures: [409],
  params: idParams,
  body: changes,
  response: credentialSchema,
});
export const removeCredential = contract({
  method: 'delete',
  path: '/auth/credentials/{id}',
  tag: 'auth',
  summary: 'Remove a model key of the caller',
  auth: 'user',
  params: idParams,
  status: 204,
});
