import {
  ArrowRightLeft,
  Bot,
  GitPullRequest,
  Hand,
  MessageCircleQuestion,
  OctagonPause,
  Siren,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { Answer } from '#server/contracts/client.ts';
import type { listInbox } from '#server/contracts/inbox.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';

export type InboxItem = Answer<typeof listInbox>['items'][number];

export const itemKinds: Record<InboxItem['kind'], { label: string; icon: LucideIcon }> = {
  gate: { label: 'Gate', icon: Hand },
  spec: { label: 'Spec', icon: TriangleAlert },
  question: { label: 'Question', icon: MessageCircleQuestion },
  run: { label: 'Run', icon: OctagonPause },
  ticket: { label: 'Ticket', icon: TriangleAlert },
  approval: { label: 'Approval', icon: Hand },
  pull_request: { label: 'Pull request', icon: GitPullRequest },
  handoff: { label: 'Handoff', icon: ArrowRightLeft },
  agent: { label: 'Agent', icon: Bot },
  alert: { label: 'Alert', icon: Siren },
};

/** Why an item waits, as a sentence. */
export const reasonOf = ({ kind, phase, reason }: InboxItem): string =>
  kind === 'gate' ? `${phaseTitle(phase ?? reason)} waits for your decision` : reason;
