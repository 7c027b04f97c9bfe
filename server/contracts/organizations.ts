import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';

const fields = {
  name: z.string().trim().min(1).max(255),
  description: z.string().max(2000).nullable(),
  billing_email: z.email().nullable(),
  settings: z.record(z.string(), z.unknown()),
  max_concurrent_agents: z.number().int().min(1).max(100),
  max_agent_runtime_hours: z.number().int().min(1).max(10_000),
};

const organizationSchema = z.object({
  id: uuid,
  slug: z.string(),
  plan: z.string(),
  owner_id: uuid,
  created_at: isoTime,
  ...fields,
});
const slug = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9-]+$/, 'takes lower-case letters, digits and dashes');

export const listOrganizations = contract({
  method: 'get',
  path: '/organizations',
  tag: 'organizations',
  summary: 'List the organizations of the caller',
  auth: 'user',
  scope: 'none',
  query: pageQuery,
  response: listOf(organizationSchema),
});
export const createOrganization = contract({
  method: 'post',
  path: '/organizations',
  tag: 'organizations',
  summary: 'Create an organization; the caller becomes its owner',
  auth: 'user',
  scope: 'none',
  status: 201,
  response: organizationSchema,
  body: z.strictObject({
    name: fields.name,
    slug,
    description: fields.description.optional(),
    billing_email: fields.billing_email.optional(),
    settings: fields.settings.optional(),
    max_concurrent_agents: fields.max_concurrent_agents.optional(),
    max_agent_runtime_hours: fields.max_agent_runtime_hours.optional(),
  }),
});
export const getOrganization = contract({
  method: 'get',
  path: '/organizations/{id}',
  tag: 'organizations',
  summary: 'Get an organization',
  auth: 'org:read',
  scope: byId('organization'),
  params: idParams,
  response: organizationSchema,
});
export const updateOrganization = contract({
  method: 'patch',
  path: '/organizations/{id}',
  tag: 'organizations',
  summary: 'Update an organization',
  auth: 'org:write',
  scope: byId('organization'),
  params: idParams,
  body: z.strictObject(fields).partial(),
  response: organizationSchema,
});
export const archiveOrganization = contract({
  method: 'delete',
  path: '/organizations/{id}',
  tag: 'organizations',
  summary: 'Archive an organization (owner only)',
  auth: 'org:delete',
  scope: byId('organization'),
  params: idParams,
  status: 204,
});

const memberSchema = z.object({
  id: uuid,
  user_id: uuid,
  email: z.string(),
  full_name: z.string().nullable(),
  role: z.string(),
  role_id: uuid,
  created_at: isoTime,
});
export const listMembers = contract({
  method: 'get',
  path: '/organizations/{id}/members',
  tag: 'organizations',
  summary: 'List members and their roles',
  auth: 'org:members:read',
  scope: byId('organization'),
  params: idParams,
  query: pageQuery,
  response: listOf(memberSchema),
});
export const addMember = contract({
  method: 'post',
  path: '/organizations/{id}/members',
  tag: 'organizations',
  summary: 'Add a registered user as a member',
  auth: 'org:members:write',
  scope: byId('organization'),
  params: idParams,
  status: 201,
  body: z.strictObject({ user_id: uuid, role_id: uuid }),
  response: z.object({ id: uuid }),
});
export const listRoles = contract({
  method: 'get',
  path: '/organizations/{id}/roles',
  tag: 'organizations',
  summary: 'List the roles of the system and the organization',
  auth: 'org:read',
  scope: byId('organization'),
  params: idParams,
  query: pageQuery,
  response: listOf(z.object({ id: uuid, name: z.string(), permissions: z.array(z.string()), is_system: z.boolean() })),
});
