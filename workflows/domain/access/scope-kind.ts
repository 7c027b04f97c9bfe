/** The kinds of records that a request may name by id, and that belong to one organization. */
export type ScopeKind = 'organization' | 'project' | 'spec' | 'ticket' | 'task' | 'run' | 'pull_request' | 'discovery';
