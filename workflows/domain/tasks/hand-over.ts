import { cutStart } from '../text.ts';
import { factsOf } from './gate-rules.ts';

/** Most points and characters that the tasks of a phase are given of the phases before (MEM-10). */
const mostPoints = 20;
const mostCharacters = 2000;
const longestPoint = 400;

/** What a phase brought: an artifact, or the result of a completed task. */
export interface Brought {
  phase_id: string;
  title: string;
  content: unknown;
}

export interface HandOver {
  phase_id: string;
  kind: 'decision' | 'risk' | 'note' | 'summary';
  text: string;
}

const kinds = { decisions: 'decision', risks: 'risk', notes: 'note' } as const;

/** The points of a field: the items of a list, or the lines of a text. */
function pointsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pointsOf);
  if (typeof value === 'object' && value !== null) {
    const { text, title, decision, risk } = value as Record<string, unknown>;
    return pointsOf(text ?? title ?? decision ?? risk ?? Object.values(value).join(': '));
  }
  if (typeof value !== 'string') return [];
  return value
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '').trim())
    .filter((line) => line !== '');
}

function pointsIn({ phase_id, title, content }: Brought): HandOver[] {
  const facts = factsOf(content);
  const named = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((name) => {
    const kind = kinds[name];
    return pointsOf(facts[name] ?? facts[kind]).map((text) => ({ phase_id, kind, text }));
  });
  const summary = pointsOf(facts.summary).join(' ');
  return summary ? [...named, { phase_id, kind: 'summary', text: `${title}: ${summary}` }] : named;
}

const rank = { decision: 0, risk: 1, summary: 2, note: 3 };

/**
 * What the tasks of a later phase have to know of the earlier ones: decisions first, then risks, summaries and notes; of
 * each the newest. A point that is said twice is handed over once.
 * @param brought what the earlier phases brought, oldest first.
 */
export function handOver(brought: readonly Brought[]): HandOver[] {
  const known = new Set<string>();
  const points = brought
    .flatMap(pointsIn)
    .toReversed()
    .filter(({ kind, text }) => !known.has(`${kind} ${text}`) && known.add(`${kind} ${text}`))
    .sort((a, b) => rank[a.kind] - rank[b.kind])
    .slice(0, mostPoints)
    .map((point) => ({ ...point, text: cutStart(point.text, longestPoint) }));
  let left = mostCharacters;
  return points.filter(({ text }) => {
    if (text.length > left) return false;
    left -= text.length;
    return true;
  });
}

export const handOverMarkdown = (points: readonly HandOver[]): string =>
  points.map(({ phase_id, kind, text }) => `- ${kind} (${phase_id}): ${text}`).join('\n');
