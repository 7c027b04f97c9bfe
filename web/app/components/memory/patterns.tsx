import type { Item } from '#server/contracts/client.ts';
import { ratePattern, type listPatterns } from '#server/contracts/memory.ts';
import { percent, plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';
import { CommandError } from '../error-card.tsx';

/** What the tasks of a kind have in common, and how far that is believed. */
export function Patterns({ patterns }: { patterns: Item<typeof listPatterns>[] }) {
  const rate = useCommand(ratePattern);
  return (
    <Card title="Patterns" flush>
      {patterns.length === 0 && (
        <Empty title="No patterns yet">Two tasks of one kind that succeed make the first.</Empty>
      )}
      <CommandError error={rate.error} />
      <ul className="divide-y">
        {patterns.map((pattern) => (
          <li key={pattern.id} className="space-y-1 px-4 py-3" aria-label={pattern.task_type_pattern}>
            <div className="flex flex-wrap items-center gap-3">
              <code className="min-w-0 flex-1 basis-40 text-sm break-all">{pattern.task_type_pattern}</code>
              <Badge>{pattern.pattern_type}</Badge>
              {[true, false].map((helpful) => (
                <Button
                  key={String(helpful)}
                  size="sm"
                  busy={rate.busy}
                  onClick={() =>
                    void rate.run({
                      params: { id: pattern.id },
                      body: { helpful, confidence_adjustment: helpful ? 0.1 : -0.1 },
                    })
                  }
                >
                  {helpful ? 'Helpful' : 'Not helpful'}
                </Button>
              ))}
            </div>
            <p className="text-sm break-words text-soft">
              {[...pattern.success_indicators, ...pattern.failure_indicators].join(', ') || 'nothing in common'}
            </p>
            <p className="flex flex-wrap gap-x-3 text-xs text-muted">
              <span>{percent(pattern.confidence_score)} believed</span>
              <span>from {plural(pattern.sample_count, 'task')}</span>
              <span>given {plural(pattern.usage_count, 'time')}</span>
              {pattern.recommended_context.files.length > 0 && (
                <span className="break-all">{pattern.recommended_context.files.join(', ')}</span>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
