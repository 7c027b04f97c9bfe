import { z } from 'zod';
import { knownPermissions } from '#workflows/domain/access/permissions.ts';
import { flagProblem } from '#workflows/domain/features.ts';
import { hostsProblem, hostsSetting } from '#workflows/domain/mcp/hosts.ts';
import { byId, contract, idParams, isoTime, listOf, nameOf, pageQuery, recordId, uuid } from './contract.ts';

const fields = {
  name: nameOf(255),
  description: z.string().max(2000).nullable(),
  billing_email: z.email().nullable(),
  settings: z.record(z.string(), z.unknown()).superRefine((settings, context) => {
    for (const [name, value] of Object.entries(settings)) {
      const message = name === hostsSetting ? hostsProblem(value) : flagProblem(name, value);
      if (message) context.addIssue({ code: 'custom', path: [name], message });
    }
  }),
  max_concurrent_agents: z.number().int().min(1).max(100),
  max_agent_runtime_hours: z.number().int().min(1).max(10_000),
};

const organizationSchema = z.object({
  id: uuid,
  slug: z.string(),
  plan: z.string(),
  owner_id: uuid,
  created_at: isoTime,
  archived_at: isoTime.nullable(),
  ...fields,
});
/** With the role and the permissions that the caller has there. */
const ownSchema = organizationSchema.extend({ role: z.string(), permissions: z.array(z.string()) });
const slug = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z0-9-]*[a-z0-9][a-z0-9-]*$/, 'takes lower-case letters, digits and dashes')
  // Calls name an organization by its id or its slug.
  .refine((value) => !z.uuid().safeParse(value).success, 'must not look like an id');

export const listOrganizations = contract({
  method: 'get',
  path: '/organizations',
  tag: 'organizations',
  summary: 'List the organizations of the caller',
  auth: 'user',
  scope: 'none',
  query: pageQuery.extend({ include_archived: z.enum(['true', 'false']).default('false') }),
  response: listOf(ownSchema.extend({ member_count: z.number().int() })),
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
  response: ownSchema,
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
  summary: 'Archive an organization (owner only); its subscription ends with the paid period',
  auth: 'org:delete',
  scope: byId('organization'),
  params: idParams,
  status: 204,
});

export const restoreOrganization = contract({
  method: 'post',
  path: '/organizations/{id}/restore',
  tag: 'organizations',
  summary: 'Restore an archived organization (owner only); a canceled subscription is reactivated apart',
  auth: 'org:delete',
  scope: byId('organization'),
  params: idParams,
  response: organizationSchema,
});

const memberSchema = z.object({
  id: uuid,
  /** Null for a registered agent. */
  user_id: uuid.nullable(),
  /** Null for a person. */
  agent_id: uuid.nullable(),
  email: z.string().nullable(),
  full_name: z.string().nullable(),
  /** Null for a person. */
  agent_name: z.string().nullable(),
  /** Whether the account or the agent works: one that was deactivated, or has ended, is still a member. */
  is_active: z.boolean(),
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
  summary: 'Add a registered user, who gets a mail, or a registered agent as a member',
  auth: 'org:members:write',
  scope: byId('organization'),
  failures: [409],
  params: idParams,
  status: 201,
  body: z
    .strictObject({ user_id: uuid.optional(), agent_id: uuid.optional(), role_id: uuid })
    .refine(({ user_id: user, agent_id: agent }) => (user === undefined) !== (agent === undefined), {
      path: ['user_id'],
      message: 'names the member, or agent_id does: send exactly one of them',
    })
    .meta({ minProperties: 2 }),
  response: z.object({ id: uuid }),
});
const memberParams = idParams.extend({ member_id: recordId });
export const changeMember = contract({
  method: 'patch',
  path: '/organizations/{id}/members/{member_id}',
  tag: 'organizations',
  summary: 'Give a member another role',
  auth: 'org:members:write',
  scope: byId('organization'),
  failures: [409],
  params: memberParams,
  body: z.strictObject({ role_id: uuid }),
  response: memberSchema.pick({ id: true, user_id: true, agent_id: true, role_id: true }),
});
export const leaveOrganization = contract({
  method: 'delete',
  path: '/organizations/{id}/members/me',
  tag: 'organizations',
  summary: 'Leave an organization',
  auth: 'user',
  scope: byId('organization'),
  failures: [409],
  params: idParams,
  status: 204,
});
export const removeMember = contract({
  method: 'delete',
  path: '/organizations/{id}/members/{member_id}',
  tag: 'organizations',
  summary: 'Remove a member',
  auth: 'org:members:delete',
  scope: byId('organization'),
  failures: [409],
  params: memberParams,
  status: 204,
});

const roleSchema = z.object({
  id: uuid,
  name: z.string(),
  permissions: z.array(z.string()),
  inherits_from: uuid.nullable(),
  /** With those that the role inherits. */
  all_permissions: z.array(z.string()),
  is_system: z.boolean(),
});
const roleFields = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[a-z][a-z0-9_-]*$/, 'takes lower-case letters, digits, _ and -, and begins with a letter'),
  permissions: z.array(z.enum(knownPermissions, `takes ${knownPermissions.join(', ')}`)).max(100),
  inherits_from: uuid.nullable(),
};
const roleParams = idParams.extend({ role_id: recordId });
export const listRoles = contract({
  method: 'get',
  path: '/organizations/{id}/roles',
  tag: 'organizations',
  summary: 'List the roles of the system and the organization',
  auth: 'org:read',
  scope: byId('organization'),
  params: idParams,
  query: pageQuery.extend({ include_system: z.enum(['true', 'false']).default('true') }),
  response: listOf(roleSchema),
});
export const createRole = contract({
  method: 'post',
  path: '/organizations/{id}/roles',
  tag: 'organizations',
  summary: 'Create a role; nobody gives it what they lack themselves',
  auth: 'org:write',
  scope: byId('organization'),
  failures: [409],
  params: idParams,
  status: 201,
  body: z.strictObject({ ...roleFields, inherits_from: roleFields.inherits_from.default(null) }),
  response: roleSchema,
});
export const updateRole = contract({
  method: 'patch',
  path: '/organizations/{id}/roles/{role_id}',
  tag: 'organizations',
  summary: 'Change a role of the organization',
  auth: 'org:write',
  scope: byId('organization'),
  failures: [409],
  params: roleParams,
  body: z.strictObject(roleFields).partial(),
  response: roleSchema,
});
export const deleteRole = contract({
  method: 'delete',
  path: '/organizations/{id}/roles/{role_id}',
  tag: 'organizations',
  summary: 'Delete a role that nobody has',
  auth: 'org:write',
  scope: byId('organization'),
  failures: [409],
  params: roleParams,
  status: 204,
});
