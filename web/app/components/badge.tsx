import type { ReactNode } from 'react';
import { statusOf, type Tone } from '../lib/status.ts';

const tones: Record<Tone, string> = {
  neutral: 'bg-subtle text-soft',
  working: 'bg-warn-soft text-warn',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  merged: 'bg-info-soft text-info',
};

export function Badge({ tone = 'neutral', title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className={`inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-2xs font-medium whitespace-nowrap ${tones[tone]}`}
    >
      {children}
    </span>
  );
}

/** The state of a record as icon, colour and label, because not everyone can see colours. */
export function StatusBadge({ status, title }: { status: string; title?: string }) {
  const { label, tone, icon: Icon } = statusOf(status);
  return (
    <Badge tone={tone} title={title}>
      <Icon aria-hidden className={`size-3 ${tone === 'working' ? 'animate-working' : ''}`} />
      {label}
    </Badge>
  );
}

const dots: Record<Tone, string> = {
  neutral: 'bg-field',
  working: 'bg-gold-deep',
  good: 'bg-good-fill',
  warn: 'bg-warn-fill',
  bad: 'bg-bad-fill',
  info: 'bg-info-fill',
  merged: 'bg-info-fill',
};

export function Dot({ tone, pulse = false }: { tone: Tone; pulse?: boolean }) {
  return (
    <span
      aria-hidden
      className={`inline-block size-2 shrink-0 rounded-full ${dots[tone]} ${pulse ? 'animate-working' : ''}`}
    />
  );
}

/** Shown for runs whose model is the scripted rehearsal. */
export function ScriptedBadge() {
  return (
    <Badge tone="info" title="The model's answers are scripted. Commands, tests and merges are real.">
      Scripted model
    </Badge>
  );
}
