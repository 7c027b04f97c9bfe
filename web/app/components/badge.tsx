import type { ReactNode } from 'react';
import { statusOf, toneFill, toneText, type Tone } from '../lib/status.ts';

const tones: Record<Tone, string> = {
  neutral: 'bg-subtle text-soft',
  working: 'bg-subtle text-text',
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
      className={`inline-flex h-5 shrink-0 items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap ${tones[tone]}`}
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
      <Icon aria-hidden className={`size-3 ${tone === 'working' ? 'animate-working text-gold-deep' : ''}`} />
      {label}
    </Badge>
  );
}

/** The state as an icon alone, with its label on hover and for screen readers, for dense lists. */
export function StatusIcon({ status, className = 'size-4' }: { status: string; className?: string }) {
  const { label, tone, icon: Icon } = statusOf(status);
  return (
    <span title={label} className={`inline-flex shrink-0 ${toneText[tone]}`}>
      <Icon aria-hidden className={`${className} ${tone === 'working' ? 'animate-working' : ''}`} />
      <span className="sr-only">{label}</span>
    </span>
  );
}

export function Dot({ tone, pulse = false }: { tone: Tone; pulse?: boolean }) {
  return (
    <span
      aria-hidden
      className={`inline-block size-2 shrink-0 rounded-full ${toneFill[tone]} ${pulse ? 'animate-working' : ''}`}
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
