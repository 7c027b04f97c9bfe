/** The roles of the system with their permissions (ORG-02). */
export const systemRoles = {
  owner: ['org:*', 'project:*', 'document:*', 'ticket:*', 'task:*', 'agent:*'],
  admin: [
    'org:read',
    'org:write',
    'org:members:*',
    'org:billing:read',
    'project:*',
    'document:*',
    'ticket:*',
    'task:*',
    'agent:read',
  ],
  member: [
    'org:read',
    'project:read',
    'project:write',
    'document:read',
    'document:write',
    'ticket:read',
    'ticket:write',
    'task:read',
    'task:write',
    'agent:read',
  ],
  viewer: ['org:read', 'project:read', 'document:read', 'ticket:read', 'task:read', 'agent:read'],
  agent_executor: [
    'project:read',
    'document:read',
    'document:write',
    'ticket:read',
    'ticket:write',
    'task:read',
    'task:write',
    'task:complete:execute',
    'project:git:write',
  ],
} as const satisfies Record<string, readonly string[]>;

/** To change what keeps work safe: gates, checks, validation, limits and the network. Owners and admins have it. */
export const changeSafety = 'project:safety:write';

/** The permissions that a role of an organization and an API key may have. */
export const knownPermissions: readonly string[] = [
  'org:read',
  'org:write',
  'org:members:read',
  'org:members:write',
  'org:members:delete',
  'org:members:*',
  'org:billing:read',
  'org:billing:write',
  'project:read',
  'project:write',
  changeSafety,
  'document:read',
  'document:write',
  'ticket:read',
  'ticket:write',
  'task:read',
  'task:write',
  'agent:read',
  'agent:write',
  'org:*',
  'project:*',
  'document:*',
  'ticket:*',
  'task:*',
  'agent:*',
  '*:*',
];

/** Whether permissions include the wanted one (ORG-03): exact, `*:*`, or a prefix that ends in `:*`. */
export function grants(permissions: readonly string[], wanted: string): boolean {
  return permissions.some(
    (have) => have === wanted || have === '*:*' || (have.endsWith(':*') && wanted.startsWith(have.slice(0, -1))),
  );
}

/** Those of the wanted permissions that the others do not include. */
export const missing = (permissions: readonly string[], wanted: readonly string[]): string[] =>
  wanted.filter((permission) => !grants(permissions, permission));

/** A role as far as its permissions go. */
export interface RoleRights {
  id: string;
  permissions: readonly string[];
  inherits_from: string | null;
}

/** A role and those that it inherits from, the nearest first (ORG-03). A circle ends where it began. */
export function lineage<R extends RoleRights>(roles: readonly R[], id: string): R[] {
  const line: R[] = [];
  for (let next: string | null = id; next !== null;) {
    const role = roles.find((one) => one.id === next);
    if (!role || line.includes(role)) break;
    line.push(role);
    next = role.inherits_from;
  }
  return line;
}

/** All permissions of a role, with those that it inherits. */
export const permissionsOf = (roles: readonly RoleRights[], id: string): string[] => [
  ...new Set(lineage(roles, id).flatMap((role) => role.permissions)),
];

/** The permission that an event needs to be read, by the kind of its entity. */
const readersOfEvents: Record<string, string> = {
  organization: 'org:read',
  api_key: 'org:read',
  budget: 'org:read',
  billing_account: 'org:billing:read',
  invoice: 'org:billing:read',
  project: 'project:read',
  pull_request: 'project:read',
  spec: 'document:read',
  ticket: 'ticket:read',
  merge: 'ticket:read',
  discovery: 'ticket:read',
  task: 'task:read',
  run: 'agent:read',
  workflow: 'agent:read',
};

/** The permission that an event about this kind of entity needs. All other kinds are model calls: only their costs. */
export const permissionToRead = (kind: string): string => readersOfEvents[kind] ?? 'org:read';
