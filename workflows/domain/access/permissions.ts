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

/** The permissions that an API key may have. */
export const knownPermissions = [
  'org:read',
  'org:write',
  'org:members:read',
  'org:members:write',
  'project:read',
  'project:write',
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
