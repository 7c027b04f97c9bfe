/** What people are told about (CONF-05), with the alerts of WATCH-14. */
export const noticeKinds = [
  'agent_complete',
  'agent_error',
  'agent_spawn',
  'phase_transition',
  'gate_approval',
  'pr_created',
  'mentions',
  'alert',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const channels = ['in_app', 'email', 'slack'] as const;
export type Channel = (typeof channels)[number];

export const severities = ['critical', 'high', 'normal', 'low'] as const;
export type Severity = (typeof severities)[number];

export const digests = ['instant', 'daily', 'weekly', 'never'] as const;
export type Digest = (typeof digests)[number];

/** What can wake the person who launched a spec for the night. */
export const wakers = ['failure', 'gate', 'question', 'budget', 'done'] as const;
export type Waker = (typeof wakers)[number];

type Grid = Record<NoticeKind, Record<Channel, boolean>>;

const quiet = { in_app: true, email: false, slack: false };
const loud = { in_app: true, email: true, slack: true };

export const defaultGrid: Grid = {
  agent_complete: quiet,
  agent_error: loud,
  agent_spawn: { ...quiet, in_app: false },
  phase_transition: quiet,
  gate_approval: loud,
  pr_created: loud,
  mentions: loud,
  alert: loud,
};

/** How a person is told. Times of the day are HH:MM of the person's time zone. */
export interface NoticeSettings {
  grid: Grid;
  digest: Digest;
  /** From quiet_from until quiet_until only what is critical is sent; equal times: never quiet. */
  quiet_from: string;
  quiet_until: string;
  time_zone: string;
  /** own: work that the person started. all: all work of the organization. */
  work: 'own' | 'all';
}

export const defaultSettings: NoticeSettings = {
  grid: defaultGrid,
  digest: 'instant',
  quiet_from: '22:00',
  quiet_until: '08:00',
  time_zone: 'UTC',
  work: 'own',
};
