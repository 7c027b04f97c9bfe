/** The roles of the system with their permissions (ORG-02). */
export const systemRoles = {
  owner: ['org:*', 'project:*', 'document:*', 'ticket:*', 'task:*', 'agent:*'],
  admin: ['org:read', 'org:write', 'org:members:*', 'project:*', 'document:*', 'ticket:*', 'task:*', 'agent:read'],
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

/** The permissions that an API key may have. */
export const knownPermissions = [
  'org:read',
  'org:write',
  'org:members:read',
  'org:members:write',
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

/** The permission that an event needs to be read, by the kind of its entity. */
const readersOfEvents: Record<string, string> = {
  organization: 'org:read',
  api_key: 'org:read',
  budget: 'org:read',
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
