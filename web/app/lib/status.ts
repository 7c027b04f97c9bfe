import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  Eye,
  GitMerge,
  GitPullRequest,
  GitPullRequestClosed,
  Hourglass,
  Pause,
  RotateCcw,
  X,
  type LucideIcon,
} from 'lucide-react';

export type Tone = 'neutral' | 'working' | 'good' | 'warn' | 'bad' | 'info' | 'merged';

export interface Status {
  label: string;
  tone: Tone;
  icon: LucideIcon;
}

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
  done: done('Done'),
  // phases
  passed: done('Passed'),
  planned: idle('Planned'),
  superseded: { label: 'Replaced', tone: 'neutral', icon: RotateCcw },
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
  // messages
  queued: waiting('Queued'),
  delivered: done('Delivered'),
  refused: { label: 'Not delivered', tone: 'bad', icon: X },
};

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
