import type { PullPage } from '../../lib/pull-page.server.ts';
import { Card } from '../card.tsx';
import { Ago } from '../time.tsx';

export function Commits({ commits }: { commits: PullPage['diff']['commits'] }) {
  return (
    <Card flush className="max-w-4xl">
      <ol className="divide-y">
        {commits.map((commit) => (
          <li key={commit.sha} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
            <span className="figures text-xs text-muted" title={commit.sha}>
              {commit.sha.slice(0, 8)}
            </span>
            <span className="min-w-0 flex-1 basis-60 break-words">{commit.subject}</span>
            <span className="text-xs text-muted">{commit.author}</span>
            <Ago at={commit.at} className="text-xs text-muted" />
          </li>
        ))}
      </ol>
    </Card>
  );
}
