import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';

/** The groups of events by which the feed is narrowed, with how their types begin. */
export const groups = [
  { id: 'work', label: 'Work', begins: ['spec.', 'ticket.', 'task.', 'board.', 'discovery.', 'diagnostic.'] },
  { id: 'agents', label: 'Agents', begins: ['run.', 'agent.', 'sandbox.', 'guardian.', 'conductor.'] },
  { id: 'code', label: 'Code', begins: ['merge.', 'pull_request.', 'commit.', 'branch.', 'github.'] },
  { id: 'memory', label: 'Memory', begins: ['memory.', 'ace.', 'playbook.', 'quality.'] },
  { id: 'money', label: 'Money', begins: ['cost.', 'billing.', 'invoice.', 'budget.', 'subscription.'] },
] as const;

const pages: Readonly<Record<string, (id: string) => string>> = {
  spec: (id) => `/specs/${id}`,
  ticket: (id) => `/tickets/${id}`,
  task: (id) => `/diagnostic/task/${id}`,
  run: (id) => `/runs/${id}`,
  discovery: (id) => `/diagnostic/discovery/${id}`,
  pull_request: (id) => `/pull-requests/${id}`,
  agent: (id) => `/agents/${id}`,
  project: (id) => `/projects/${id}`,
  memory: () => '/memory',
};

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** What happened, in words: its name, what it was about, who did it, and the page where that is. */
export function describe({ type, entity, data }: Pick<EventEnvelope, 'type' | 'entity' | 'data'>) {
  const fields: Record<string, unknown> = data;
  const first = (...names: string[]) => names.map((name) => textOf(fields[name])).find(Boolean) ?? '';
  const [from, to] = [first('from_status', 'old_status'), first('to_status', 'status')];
  const about = [first('key'), first('title', 'name', 'description', 'path')].filter(Boolean).join(' ');
  return {
    name: type.replace(/[._]/g, ' '),
    about: about.slice(0, 300),
    change: from && to && from !== to ? `${from} to ${to}` : '',
    reason: first('reason', 'message', 'feedback', 'error').slice(0, 500),
    by: first('by', 'actor'),
    page: pages[entity.kind]?.(entity.id),
    commit: first('sha', 'head_sha', 'merge_sha'),
  };
}
