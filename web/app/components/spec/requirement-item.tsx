import { Check, Circle } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import type { Requirement } from '#workflows/domain/phases/requirements.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { Badge } from '../badge.tsx';
import { Priority } from './content.tsx';

const keywords = /\b(WHEN|WHILE|WHERE|IF|THEN|THE SYSTEM (?:SHALL|MUST|SHOULD|MAY)(?: NOT)?)\b/g;

/** A requirement's sentence with its keywords set off. */
function Ears({ text }: { text: string }) {
  return (
    <p className="mt-1 text-sm leading-6 break-words">
      {text.split(keywords).map((part, index) =>
        index % 2 === 1 ? (
          <strong key={index} className="text-xs font-semibold text-info">
            {part}
          </strong>
        ) : (
          <Fragment key={index}>{part}</Fragment>
        ),
      )}
    </p>
  );
}

interface RequirementItemProps {
  item: Requirement;
  row: SpecPage['coverage']['matrix'][number] | undefined;
  saving: boolean;
  children?: ReactNode;
}

export function RequirementItem({ item, row, saving, children }: RequirementItemProps) {
  return (
    <div className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="figures text-xs text-muted">{item.id}</span>
        <h3 className="text-sm font-semibold">{item.title}</h3>
        <Priority of={item.priority} />
        {row && (
          <Badge
            tone={row.status === 'fully_covered' ? 'good' : row.status === 'partially_covered' ? 'warn' : 'neutral'}
          >
            {row.covered_by_tasks.length > 0 ? row.covered_by_tasks.join(', ') : 'no task yet'}
          </Badge>
        )}
        {saving && (
          <span role="status" className="text-xs text-muted">
            saving
          </span>
        )}
        {children}
      </div>
      <Ears text={item.text} />
      <ul className="mt-2 space-y-1">
        {item.acceptance_criteria.map((criterion) => {
          const { completed: proved = false, verdict = null } =
            row?.criteria.find((known) => known.id === criterion.id) ?? {};
          return (
            <li key={criterion.id} className="flex gap-2 text-xs text-soft">
              {proved ? (
                <Check aria-hidden className="mt-0.5 size-3.5 shrink-0 text-good" />
              ) : (
                <Circle aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
              )}
              <span className="min-w-0 break-words">
                <span className="sr-only">{proved ? 'Proved: ' : 'Not proved yet: '}</span>
                {criterion.text}
                {criterion.check && <code className="mt-0.5 block text-xs text-muted">{criterion.check}</code>}
                {verdict && (
                  <span className="mt-0.5 block text-muted">
                    Reviewer: {verdict.met ? 'met' : 'not met'}, {Math.round(verdict.confidence * 100)} % sure.{' '}
                    {verdict.reasoning}
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
