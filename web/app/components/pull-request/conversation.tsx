import type { PullPage } from '../../lib/pull-page.server.ts';
import { Badge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { Prose } from '../markdown.tsx';
import { Ago } from '../time.tsx';

export function Conversation({ page: { pull } }: { page: PullPage }) {
  return (
    <div className="max-w-4xl space-y-4">
      <Card title="Description">
        <Prose text={pull.body} />
      </Card>
      {pull.comments.map((comment, index) => (
        <Card
          key={index}
          title={
            <span className="text-xs font-normal text-muted">
              <span className="font-medium text-text">{comment.author ?? 'Unknown author'}</span>{' '}
              {comment.at && <Ago at={comment.at} />}
              {comment.path && (
                <span className="figures">
                  {' '}
                  at {comment.path}
                  {comment.line !== undefined && `:${comment.line}`}
                </span>
              )}{' '}
              {comment.verdict === 'approved' && <Badge tone="good">approves</Badge>}
              {comment.verdict === 'changes_requested' && <Badge tone="warn">asks for changes</Badge>}
            </span>
          }
        >
          <Prose text={comment.body} />
          {comment.note && <p className="mt-2 text-xs text-muted">Not taken as work: {comment.note}</p>}
        </Card>
      ))}
    </div>
  );
}
