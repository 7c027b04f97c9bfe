import type { GraphLine } from '../../lib/shown-graph.ts';
import { LineKey } from '../graph/task-graph.tsx';

const lineWords = [
  { kind: 'after', words: 'depends on it' },
  { kind: 'found', words: 'discovered while working on it', dash: '5 4' },
  { kind: 'part', words: 'task of the ticket', dash: '1 4' },
  { kind: 'blocks', words: 'blocks the ticket', colour: 'stroke-bad' },
] as const;

/** What the lines and edges of the graph say; only those that it has. */
export function GraphLegend({ lines }: { lines: readonly GraphLine[] }) {
  const has = new Set(lines.map(({ kind }) => kind));
  return (
    <figcaption className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {lineWords
        .filter(({ kind }) => has.has(kind))
        .map(({ kind, words, ...look }) => (
          <LineKey key={kind} {...look}>
            {words}
          </LineKey>
        ))}
      {lines.some(({ chain }) => chain) && <LineKey strong>longest chain</LineKey>}
      <span className="inline-flex items-center gap-1.5">
        <span aria-hidden className="h-3.5 w-1 bg-bad" /> critical
        <span aria-hidden className="ml-1 h-3.5 w-1 bg-warn" /> high priority
      </span>
      <span>Dashed frame: discovery. Grey: ticket.</span>
    </figcaption>
  );
}
