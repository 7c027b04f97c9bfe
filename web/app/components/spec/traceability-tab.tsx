import { Check, Circle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { commitHunks } from '#server/contracts/commits.ts';
import type { specTraceability } from '#server/contracts/specs.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Card, Empty } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { TextLink } from '../text-link.tsx';

type Trace = Answer<typeof specTraceability>;
type Row = Trace['rows'][number];
type Hole = Row['holes'][number];

const heads = ['Requirement', 'Design', 'Tickets', 'Tasks', 'Tests', 'Commits'];
const missing: Record<Hole, string> = {
  design: 'no part of the design',
  task: 'no task',
  test: 'a criterion without a test',
  commit: 'no commit',
};

/** From each requirement to the lines of code that meet it. What is missing on the way is red. */
export function TraceabilityTab({ trace }: { trace: Trace }) {
  const holes = trace.rows.filter((row) => row.holes.length > 0).length;
  if (trace.rows.length === 0)
    return <Empty title="No requirements yet">They are traced once their phase passed.</Empty>;
  return (
    <Card
      title="Traceability"
      flush
      aside={
        <span className="figures text-xs text-muted">
          {trace.coverage_percent} % covered, {holes} of {trace.rows.length} with holes
        </span>
      }
    >
      <div role="region" aria-label="Matrix of requirements" tabIndex={0} className="relative overflow-x-auto">
        <table className="w-full min-w-[46rem] text-left text-xs">
          <thead className="text-muted">
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col" className="px-3 py-2 font-medium">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {trace.rows.map((row) => (
              <TraceRow key={row.requirement_id} row={row} project={trace.project_id} />
            ))}
          </tbody>
        </table>
      </div>
      {trace.orphans.tasks.length + trace.orphans.tickets.length > 0 && (
        <p className="border-t px-4 py-2 text-xs text-warn">
          For no requirement: {[...trace.orphans.tasks, ...trace.orphans.tickets].join(', ')}
        </p>
      )}
    </Card>
  );
}

function TraceRow({ row, project }: { row: Row; project: string }) {
  const hole = (kind: Hole) => row.holes.includes(kind) && <Badge tone="bad">{missing[kind]}</Badge>;
  return (
    <tr className="border-t align-top">
      <th scope="row" className="w-40 px-3 py-2 font-normal">
        <span className="figures block break-all text-muted">{row.requirement_id}</span>
        {row.requirement_title}
      </th>
      <Cell>
        {row.design.map((name) => (
          <p key={name}>{name}</p>
        ))}
        {hole('design')}
      </Cell>
      <Cell>
        {row.tickets.map(({ id, ticket_id: ticket, key }) => (
          <p key={id}>{ticket ? <TextLink to={`/tickets/${ticket}`}>{key ?? id}</TextLink> : id}</p>
        ))}
      </Cell>
      <Cell>
        {row.tasks.map((task) => (
          <p key={task.id} className="flex flex-wrap items-center gap-1">
            <span className="figures">{task.key ?? task.id}</span>
            <span className="min-w-0 break-words">{task.title}</span>
            {task.status && <StatusBadge status={task.status} />}
          </p>
        ))}
        {hole('task')}
      </Cell>
      <Cell>
        {row.tests.map((test) => {
          const Sign = test.completed ? Check : Circle;
          return (
            <p key={test.criterion_id} className="flex gap-1.5">
              <Sign aria-hidden className={`mt-0.5 size-3.5 shrink-0 ${test.completed ? 'text-good' : 'text-muted'}`} />
              <span className="min-w-0 break-words">
                <span className="sr-only">{test.completed ? 'Proved: ' : 'Not proved yet: '}</span>
                {test.text}
                {test.check && <code className="block text-muted">{test.check}</code>}
              </span>
            </p>
          );
        })}
        {hole('test')}
      </Cell>
      <Cell>
        {row.commits.map((commit) => (
          <Fold
            key={commit.sha}
            summaryClass="cursor-pointer break-words"
            summary={
              <>
                <span className="figures">{commit.sha.slice(0, 8)}</span> {commit.subject}
              </>
            }
          >
            {() => <Hunks sha={commit.sha} project={project} />}
          </Fold>
        ))}
        {hole('commit')}
      </Cell>
    </tr>
  );
}

const Cell = ({ children }: { children: ReactNode }) => <td className="space-y-1 px-3 py-2">{children}</td>;

/** The changed places of a commit. */
function Hunks({ sha, project }: { sha: string; project: string }) {
  const { answer, error } = useAnswer(commitHunks, { params: { sha }, query: { project_id: project } });
  if (error) return <CommandError error={error} />;
  if (!answer) return <p role="status">Reads the commit.</p>;
  return (
    <div className="mt-1 space-y-1">
      <ul aria-label={`Places of ${sha.slice(0, 8)}`} className="figures space-y-0.5">
        {answer.hunks.map((hunk) => (
          <li key={`${hunk.path}:${hunk.from_line}`} className="flex flex-wrap gap-x-2">
            <span className="break-all">
              {hunk.path}:{hunk.from_line}
              {hunk.to_line > hunk.from_line && `-${hunk.to_line}`}
            </span>
            <span>
              <span className="text-good">+{hunk.added}</span> <span className="text-bad">-{hunk.removed}</span>
            </span>
            {hunk.is_test && <Badge>test</Badge>}
          </li>
        ))}
      </ul>
      {answer.truncated && <p className="text-muted">The change is too large to list in full.</p>}
      <TextLink to={`/commits/${sha}?project_id=${project}`}>Open the commit</TextLink>
    </div>
  );
}
