import { Bug, CircleSlash, FileDiff, GitFork, Lightbulb, OctagonAlert, Ticket, type LucideIcon } from 'lucide-react';
import type { Answer } from '#server/contracts/client.ts';
import type { reasoningChain } from '#server/contracts/reasoning.ts';
import type { ReasoningType } from '#workflows/domain/reasoning.ts';
import { Badge } from '../badge.tsx';
import { TextLink } from '../text-link.tsx';
import { Clock } from '../time.tsx';

type Step = Answer<typeof reasoningChain>['events'][number];

const kinds: Record<ReasoningType, { name: string; icon: LucideIcon }> = {
  ticket_created: { name: 'created', icon: Ticket },
  task_spawned: { name: 'spawned', icon: GitFork },
  discovery: { name: 'discovery', icon: Bug },
  agent_decision: { name: 'decision', icon: Lightbulb },
  blocking_added: { name: 'blocked', icon: CircleSlash },
  code_change: { name: 'code change', icon: FileDiff },
  error: { name: 'error', icon: OctagonAlert },
};

/** What a kind of step is called. */
export const stepName = (type: ReasoningType) => kinds[type].name;

/** One step of a chain of reasons: what happened, who did it, what it decided and what shows it. */
export function ReasoningStep({ step }: { step: Step }) {
  const { icon: Icon, name } = kinds[step.type];
  return (
    <li className="relative border-l py-3 pl-6 first:pt-1 last:pb-1" aria-label={`${name}: ${step.title}`}>
      <span className="absolute top-3 -left-3 flex size-6 items-center justify-center rounded-full border bg-card">
        <Icon aria-hidden className="size-3.5" />
      </span>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <Badge>{name}</Badge>
        <Clock at={step.timestamp} />
        {step.agent && <span className="break-all">{step.agent}</span>}
      </p>
      <p className="mt-1 text-sm font-medium break-words">{step.title}</p>
      {step.description && <p className="text-sm break-words whitespace-pre-line text-soft">{step.description}</p>}
      {step.decision && (
        <p className="mt-1 text-sm break-words">
          <Badge tone="info">{step.decision.type}</Badge> {step.decision.action}
          {step.decision.reasoning && <span className="text-soft"> Because: {step.decision.reasoning}</span>}
        </p>
      )}
      {step.evidence.length > 0 && (
        <ul className="mt-2 space-y-1 text-xs" aria-label="What shows it">
          {step.evidence.map(({ type, content, link }, at) => (
            <li key={`${at} ${content}`} className="break-words">
              <span className="text-muted">{type.replace(/_/g, ' ')}: </span>
              {link ? <TextLink to={link}>{content}</TextLink> : <span className="whitespace-pre-wrap">{content}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
