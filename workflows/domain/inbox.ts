/** The kinds of what waits for a person (WEB-19). */
export const itemKinds = [
  'gate',
  'spec',
  'question',
  'run',
  'ticket',
  'approval',
  'pull_request',
  'handoff',
  'agent',
  'alert',
] as const;
export type ItemKind = (typeof itemKinds)[number];

export const inboxActions = [
  'approve',
  'reject',
  'request_changes',
  'answer',
  'resume',
  'retry',
  'merge',
  'restart',
  'terminate',
  'accept',
  'decline',
  'acknowledge',
  'resolve',
] as const;
export type InboxAction = (typeof inboxActions)[number];

interface ActionFacts {
  /** Whether the answer has a text, and what the text is for. */
  text?: { needed: boolean; means: string };
  /** Whether the answer names the newest commit that was seen. */
  of_commit?: true;
}

const why = { text: { needed: false, means: 'why' } };
const changes = { needed: true, means: 'what has to change' };

/** What each kind of item can be answered with. */
export const itemActions: Record<ItemKind, Partial<Record<InboxAction, ActionFacts>>> = {
  gate: { approve: {}, request_changes: { text: changes } },
  spec: { retry: { text: { needed: false, means: 'advice for the next try' } } },
  question: { answer: { text: { needed: true, means: 'the answer' } } },
  run: { resume: {} },
  ticket: { retry: {} },
  approval: { approve: why, reject: { text: { needed: true, means: 'why it is rejected' } } },
  pull_request: {
    approve: { text: { needed: false, means: 'a comment' }, of_commit: true },
    merge: {},
    request_changes: { text: changes, of_commit: true },
  },
  handoff: { accept: {}, decline: why },
  agent: { restart: why, terminate: why },
  alert: { acknowledge: {}, resolve: {} },
};

/** The words of a button, and those that say afterwards who pressed it. */
export const actionWords: Record<InboxAction, { order: string; done: string }> = {
  approve: { order: 'Approve', done: 'Approved' },
  reject: { order: 'Reject', done: 'Rejected' },
  request_changes: { order: 'Request changes', done: 'Changes requested' },
  answer: { order: 'Answer', done: 'Answered' },
  resume: { order: 'Resume', done: 'Resumed' },
  retry: { order: 'Try again', done: 'Tried again' },
  merge: { order: 'Merge', done: 'Merged' },
  restart: { order: 'Restart', done: 'Restarted' },
  terminate: { order: 'End', done: 'Ended' },
  accept: { order: 'Accept', done: 'Accepted' },
  decline: { order: 'Decline', done: 'Declined' },
  acknowledge: { order: 'Acknowledge', done: 'Acknowledged' },
  resolve: { order: 'Resolve', done: 'Resolved' },
};

interface Item {
  kind: ItemKind;
  /** Id of its record. */
  id: string;
  run_id: string | null;
}

/** The id under which an item is answered: kind:ID of its record. */
export const itemId = ({ kind, id }: Pick<Item, 'kind' | 'id'>) => `${kind}:${id}`;

/** The run that asks a question. */
export const askingRun = ({ run_id, id }: Pick<Item, 'run_id' | 'id'>) => run_id ?? id;

const pages: Record<ItemKind, (item: Item) => string> = {
  gate: ({ id }) => `/specs/${id}`,
  spec: ({ id }) => `/specs/${id}`,
  question: (item) => `/runs/${askingRun(item)}`,
  run: ({ id }) => `/runs/${id}`,
  ticket: ({ id }) => `/tickets/${id}`,
  approval: ({ id }) => `/tickets/${id}`,
  pull_request: ({ id }) => `/pull-requests/${id}`,
  handoff: () => '/agents',
  agent: ({ id }) => `/agents/${id}`,
  alert: ({ id }) => `/alerts/${id}`,
};

/** Path of the page that shows an item. */
export const itemPage = (item: Item) => pages[item.kind](item);

/**
 * What a person saw of an item. An answer to an older state of it is not taken: a gate is of a phase as it was then, and a
 * pull request has its commit.
 */
export const itemMark = (item: {
  kind: ItemKind;
  phase: string | null;
  since: Date;
  head_sha: string | null;
}): string => (item.kind === 'gate' ? `${item.phase} ${item.since.toISOString()}` : (item.head_sha ?? ''));
