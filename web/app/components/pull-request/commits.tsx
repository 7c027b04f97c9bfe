import { Card } from '../card.tsx';
import { CommitRow, type CommitLine } from '../work/commit-row.tsx';

export function Commits({ commits, project }: { commits: CommitLine[]; project: string }) {
  return (
    <Card flush className="max-w-4xl">
      <ol className="divide-y">
        {commits.map((commit) => (
          <li key={commit.sha}>
            <CommitRow commit={commit} project={project} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
