import { z } from 'zod';
import { contract, idParams, isoTime, listOf, nameOf, pageQuery, uuid } from './contract.ts';

const apiKeySchema = z.object({
  id: uuid,
  organization_id: uuid,
  name: z.string(),
  key_prefix: z.string(),
  scopes: z.array(z.string()),
  created_at: isoTime,
  expires_at: isoTime.nullable(),
  last_used_at: isoTime.nullable(),
});
export const listApiKeys = contract({
  method: 'get',
  path: '/auth/api-keys',
  tag: 'auth',
  summary: 'List the API keys of the caller, without their secrets',
  auth: 'user',
  scope: 'none',
  query: pageQuery,
  response: listOf(apiKeySchema),
});
export const createApiKey = contract({
  method: 'post',
  path: '/auth/api-keys',
  tag: 'auth',
  summary: 'Create an API key; the key is shown once',
  auth: 'user',
  status: 201,
  shown_once: ['key'],
  scope: { kind: 'organization', from: 'body', field: 'organization_id', optional: true },
  body: z.strictObject({
    name: nameOf(255),
    scopes: z.array(z.string().max(100)).max(50),
    expires_in_days: z.number().int().min(1).max(365).optional(),
    organization_id: z.string().optional(),
  }),
  response: apiKeySchema.extend({ key: z.string().nullable() }),
});
export const revokeApiKey = contract({
  method: 'delete',
  path: '/auth/api-keys/{id}',
  tag: 'auth',
  summary: 'Revoke an API key',
  auth: 'user',
  scope: 'none',
  params: idParams,
  status: 204,
});
