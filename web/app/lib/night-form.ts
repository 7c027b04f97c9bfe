import type { launchSpec } from '#server/contracts/specs.ts';
import type { Input } from '#server/contracts/client.ts';
import { wakers } from '#workflows/domain/notifications/kinds.ts';
import { problemsOf } from './field-problem.ts';

export type Night = Input<typeof launchSpec>['body']['night'];

/** The terms of a launch as its form sends them: `stop_at` as an ISO time, one path a line; undefined: it has none. */
export function nightOf(form: FormData): Night {
  if (form.get('night') !== 'on') return undefined;
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const paths = text('forbidden_paths')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const told = wakers.filter((waker) => form.getAll('wake_me').includes(waker));
  return {
    ...(text('stop_at') ? { stop_at: text('stop_at') } : {}),
    ...(paths.length > 0 ? { forbidden_paths: paths } : {}),
    ...(text('raise_usd') ? { raise_usd: Number(text('raise_usd')) } : {}),
    ...(told.length > 0 ? { wake_me: told } : {}),
  };
}

/** The next seven o'clock in the morning as the value of a field for a local time, such as 2026-11-30T07:00. */
export function nextMorning(now: Date): string {
  const morning = new Date(now);
  morning.setHours(7, 0, 0, 0);
  if (morning <= now) morning.setDate(morning.getDate() + 1);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${morning.getFullYear()}-${two(morning.getMonth() + 1)}-${two(morning.getDate())}T07:00`;
}

/** The ISO time of such a value in the time zone of the browser; empty for none. */
export const isoOf = (local: string): string => {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
};

const names = { stop_at: 'The time', forbidden_paths: 'Path', raise_usd: 'The amount' };

/** What is wrong with the terms in a refused launch, at their fields; and whether nothing else is wrong with it. */
export function nightProblems(error: { details?: unknown } | null | undefined) {
  const problems = problemsOf(error ?? undefined);
  const at = (name: keyof typeof names) => {
    const said = problems.flatMap(({ field = '', message }) => {
      const [, found, index] = /^night\.(\w+)(?:\.(\d+))?$/.exec(field) ?? [];
      const place = index === undefined ? names[name] : `${names[name]} ${Number(index) + 1}`;
      return found === name ? [`${place} ${message?.replace(/[.]?$/, '.')}`] : [];
    });
    return said.length > 0 ? said.join(' ') : undefined;
  };
  return {
    stop_at: at('stop_at'),
    forbidden_paths: at('forbidden_paths'),
    raise_usd: at('raise_usd'),
    all: problems.length > 0 && problems.every(({ field }) => field?.startsWith('night.')),
  };
}
