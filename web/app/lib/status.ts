import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  Eye,
  GitMerge,
  GitPullRequest,
  GitPullRequestClosed,
  Hand,
  Hourglass,
  LoaderCircle,
  Pause,
  Radio,
  RotateCcw,
  WifiOff,
  X,
  type LucideIcon,
} from 'lucide-react';

export type Tone = 'neutral' | 'working' | 'good' | 'warn' | 'bad' | 'info' | 'merged';

export interface Status {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

/** The colour of a dot, a bar or an edge. */
export const toneFill: Record<Tone, string> = {
  neutral: 'bg-line-strong',
  working: 'bg-gold-deep',
  good: 'bg-good-fill',
  warn: 'bg-warn-fill',
  bad: 'bg-bad-fill',
  info: 'bg-info-fill',
  merged: 'bg-info-fill',
};

/** The colour of an icon or a word on the page's ground. */
export const toneText: Record<Tone, string> = {
  neutral: 'text-muted',
  working: 'text-gold-deep',
  good: 'text-good',
  warn: 'text-warn',
  bad: 'text-bad',
  info: 'text-info',
  merged: 'text-info',
};

const working = (label: string): Status => ({ label, tone: 'working', icon: CircleDot });
const waiting = (label: string): Status => ({ label, tone: 'warn', icon: Hourglass });
const idle = (label: string): Status => ({ label, tone: 'neutral', icon: CircleDashed });
const done = (label: string): Status => ({ label, tone: 'good', icon: Check });

/** The label, colour and icon of every state, in one table. */
const table: Record<string, Status> = {
  // specs and runs
  draft: idle('Draft'),
  created: idle('Not started'),
  pending: idle('Pending'),
  executing: working('Working'),
  running: working('Running'),
  waiting: waiting('Waiting'),
  paused: { label: 'Paused', tone: 'warn', icon: Pause },
  completed: done('Completed'),
  pr_created: { label: 'Pull request open', tone: 'good', icon: GitPullRequest },
  failed: { label: 'Failed', tone: 'bad', icon: X },
  cancelled: { label: 'Cancelled', tone: 'neutral', icon: Ban },
  // tasks
  claiming: working('Starting'),
  assigned: working('Starting'),
  pending_validation: { label: 'Awaiting review', tone: 'info', icon: Eye },
  validating: { label: 'In review', tone: 'info', icon: Eye },
  needs_revision: { label: 'Needs revision', tone: 'warn', icon: RotateCcw },
  // tickets
  pending_review: waiting('Needs approval'),
  backlog: idle('Backlog'),
  analyzing: working('Analysing'),
  building: working('Building'),
  'building-done': { label: 'Built', tone: 'info', icon: Check },
  testing: { label: 'Testing', tone: 'info', icon: Eye },
  deploying: working('Deploying'),
  done: done('Done'),
  // phases and their gates
  at_gate: { label: 'Waits for you', tone: 'warn', icon: Hand },
  passed: done('Passed'),
  not_passed: { label: 'Not passed', tone: 'bad', icon: X },
  not_started: idle('Not started'),
  planned: idle('Planned'),
  superseded: { label: 'Replaced', tone: 'neutral', icon: RotateCcw },
  // registered agents and their threads
  spawning: waiting('Starting'),
  idle: idle('Idle'),
  degraded: { label: 'Degraded', tone: 'warn', icon: WifiOff },
  quarantined: { label: 'In quarantine', tone: 'bad', icon: Ban },
  terminated: { label: 'Ended', tone: 'neutral', icon: Ban },
  resolved: done('Resolved'),
  abandoned: { label: 'Given up', tone: 'neutral', icon: Ban },
  // surveys and their checks
  not_surveyed: idle('Not surveyed'),
  surveying: working('Surveying'),
  ready: done('Ready'),
  partly: { label: 'Something is missing', tone: 'warn', icon: CircleDashed },
  broken: { label: 'Does not run', tone: 'bad', icon: X },
  too_long: { label: 'Too long', tone: 'warn', icon: Hourglass },
  not_run: idle('Not run'),
  // pull requests
  open: { label: 'Open', tone: 'good', icon: GitPullRequest },
  merged: { label: 'Merged', tone: 'merged', icon: GitMerge },
  closed: { label: 'Closed', tone: 'bad', icon: GitPullRequestClosed },
  // invoices and payments
  unpaid: waiting('Unpaid'),
  past_due: { label: 'Past due', tone: 'bad', icon: X },
  paid: done('Paid'),
  void: { label: 'Void', tone: 'neutral', icon: Ban },
  uncollectible: { label: 'Given up', tone: 'neutral', icon: Ban },
  succeeded: done('Succeeded'),
  refunded: { label: 'Refunded', tone: 'neutral', icon: RotateCcw },
  partially_refunded: { label: 'Partly refunded', tone: 'neutral', icon: RotateCcw },
  // messages
  queued: waiting('Queued'),
  delivered: done('Delivered'),
  refused: { label: 'Not delivered', tone: 'bad', icon: X },
  // interventions of the guardian
  recorded: idle('Recorded only'),
  sent: { label: 'Sent', tone: 'info', icon: Check },
  recovered: done('Back on track'),
  unrecovered: { label: 'Still off track', tone: 'warn', icon: RotateCcw },
  // projects
  active: done('Active'),
  archived: { label: 'Archived', tone: 'neutral', icon: Ban },
  // the live feed
  connecting: { label: 'Connecting', tone: 'neutral', icon: LoaderCircle },
  live: { label: 'Live', tone: 'good', icon: Radio },
  reconnecting: { label: 'Reconnecting', tone: 'warn', icon: RotateCcw },
  offline: { label: 'Offline', tone: 'bad', icon: WifiOff },
};

/** Every word of the table. */
export const statuses: readonly string[] = Object.keys(table);

export const statusOf = (word: string): Status => table[word] ?? idle(word.replace(/_/g, ' '));
export const isLive = (status: string) => ['pending', 'running', 'executing', 'waiting', 'paused'].includes(status);

/**
 * The tone of an alignment `score` (0 to 1): on track from 0.85, attention from 0.7, drifting from 0.5, critical below.
 */
export function alignmentTone(score: number): Tone {
  if (score >= 0.85) return 'good';
  if (score >= 0.7) return 'info';
  return score >= 0.5 ? 'warn' : 'bad';
}
