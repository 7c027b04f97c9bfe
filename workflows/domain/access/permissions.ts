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
    'agent:write',
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

/** Whom each role of the system is for, in words. */
export const wordsOfRoles: Readonly<Record<keyof typeof systemRoles, string>> = {
  owner: 'May do everything, also pay and archive. An organization always has one.',
  admin: 'Looks after people, projects and safety. Pays nothing.',
  member: 'Starts, steers and merges work.',
  viewer: 'Looks, and changes nothing.',
  agent_executor:
    'The role of agents: the key of each sandbox has it, and calls only what agents may call. A person with it writes specs, tickets and tasks, and decides at no gate.',
};

/** To change what keeps work safe: gates, checks, validation, limits and the network. Owners and admins have it. */
export const changeSafety = 'project:safety:write';

/** What each permission that a role of an organization and an API key may have allows. */
const allows = {
  'org:read': 'See the organization, its roles, costs and budgets',
  'org:write': 'Change the organization, its roles and model keys',
  'org:members:read': 'See the members',
  'org:members:write': 'Invite members and change their roles',
  'org:members:delete': 'Remove members',
  'org:members:*': 'All about members',
  'org:billing:read': 'See billing and invoices',
  'org:billing:write': 'Buy, pay, and change the plan',
  'project:read': 'See projects and pull requests',
  'project:write': 'Create and change projects, merge pull requests',
  [changeSafety]: 'Change gates, checks, limits and the network',
  'document:read': 'See specs',
  'document:write': 'Launch, change and approve specs',
  'ticket:read': 'See tickets',
  'ticket:write': 'Create and change tickets',
  'task:read': 'See tasks and the board',
  'task:write': 'Change tasks, steer and stop runs, raise budgets',
  'agent:read': 'See runs, and the health of agents',
  'agent:write': 'Register, restart, stop and hand over agents',
  'org:*': 'All about the organization',
  'project:*': 'All about projects',
  'document:*': 'All about specs',
  'ticket:*': 'All about tickets',
  'task:*': 'All about tasks',
  'agent:*': 'All about agents',
  '*:*': 'Everything',
};

/** The permissions that a role of an organization and an API key may have. */
export const knownPermissions: readonly string[] = Object.keys(allows);

/** What a permission allows, in words; agents alone have those without words. */
export const wordsOf = (permission: string): string | undefined => (allows as Record<string, string>)[permission];

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
  agent: 'agent:read',
  thread: 'agent:read',
  alert: 'agent:read',
  mcp_server: 'agent:read',
  mcp_invocation: 'agent:read',
  workflow: 'agent:read',
};

/** The permission that an event about this kind of entity needs. All other kinds are model calls: only their costs. */
export const permissionToRead = (kind: string): string => readersOfEvents[kind] ?? 'org:read';
