import type { Answer } from '#server/contracts/client.ts';
import type { pullRequestProvenance } from '#server/contracts/reviews.ts';
import type { PatchLine } from '../../lib/patch.ts';
import { TextLink } from '../text-link.tsx';

export type LineSource = Answer<typeof pullRequestProvenance>['items'][number];

const rangeOf = ({ from_line: from, to_line: to }: LineSource) =>
  from === to ? `Line ${from}` : `Lines ${from} to ${to}`;

/** Where the new lines of a hunk come from: task, turn, requirements, and the commit. */
export function HunkSources({ sources, lines }: { sources: readonly LineSource[]; lines: readonly PatchLine[] }) {
  const added = new Set(lines.flatMap(({ type, now }) => (type === 'insert' && now !== null ? [now] : [])));
  const found = sources.filter(({ from_line, to_line }) => {
    for (let line = from_line; line <= to_line; line += 1) if (added.has(line)) return true;
    return false;
  });
  if (found.length === 0) return null;
  return (
    <ul className="space-y-0.5 border-b bg-side px-3 py-1 text-xs text-muted">
      {found.map((source) => (
        <li key={source.from_line} className="flex flex-wrap gap-x-3">
          <span className="figures">{rangeOf(source)}</span>
          {source.ticket && (
            <TextLink to={`/tickets/${source.ticket.id}`}>
              {(source.task ?? source.ticket).key} {(source.task ?? source.ticket).title}
            </TextLink>
          )}
          {source.run_id && (
            <TextLink to={`/runs/${source.run_id}${source.turn ? `#turn-${source.turn}` : ''}`}>
              {source.turn ? `turn ${source.turn}` : 'run'}
            </TextLink>
          )}
          {source.requirements.length > 0 && <span>{source.requirements.join(', ')}</span>}
          <TextLink to={`/commits/${source.sha}`} className="figures">
            {source.sha.slice(0, 8)}
          </TextLink>
        </li>
      ))}
    </ul>
  );
}
