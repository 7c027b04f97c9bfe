import { Link } from '@remix-run/react';
import { useState } from 'react';
import { plural } from '../../lib/format.ts';
import { Badge, StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';

interface Graph {
  nodes: { id: string; kind: string; label: string; title: string; status: string }[];
  edges: { from: string; to: string; kind: string }[];
  critical_path: string[];
}

const step = 100;

/** The dependency graph as a table: the dependencies of each task, and the tasks on the longest chain. */
export function GraphTable({ graph }: { graph: Graph }) {
  const [shown, setShown] = useState(step);
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const tasks = graph.nodes.filter((node) => node.kind === 'task');
  const before = new Map<string, string[]>();
  for (const edge of graph.edges)
    if (edge.kind === 'depends_on')
      before.set(edge.to, [...(before.get(edge.to) ?? []), byId.get(edge.from)?.label ?? '']);
  const critical = new Set(graph.critical_path);
  if (tasks.length === 0)
    return <Empty title="No tasks yet">The plan of a spec creates tasks and their dependencies.</Empty>;
  return (
    <Card
      className="mt-4"
      title="Dependencies"
      flush
      aside={
        <span className="text-xs text-muted">
          {plural(tasks.length, 'task')}, longest chain <span className="figures">{graph.critical_path.length}</span>
        </span>
      }
    >
      <div tabIndex={0} role="region" aria-label="Dependencies of tasks" className="overflow-x-auto">
        <table className="w-full text-left text-sm">
          <thead className="text-xs text-muted">
            <tr>
              <th className="px-4 py-2 font-medium">Task</th>
              <th className="px-4 py-2 font-medium">State</th>
              <th className="px-4 py-2 font-medium">After</th>
            </tr>
          </thead>
          <tbody>
            {tasks.slice(0, shown).map((task) => (
              <tr key={task.id} className="border-t">
                <td className="min-w-56 px-4 py-1.5">
                  <span className="figures mr-2 text-xs text-muted">{task.label}</span>
                  {task.title}{' '}
                  {critical.has(task.id) && (
                    <Badge tone="warn" title="On the longest chain">
                      chain
                    </Badge>
                  )}
                </td>
                <td className="px-4 py-1.5">
                  <StatusBadge status={task.status} />
                </td>
                <td className="figures px-4 py-1.5 text-xs text-muted">
                  {before.get(task.id)?.join(', ') ?? 'nothing'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {tasks.length > shown && (
        <div className="p-2 text-center">
          <Button size="sm" onClick={() => setShown(shown + step)}>
            {tasks.length - shown} more
          </Button>
        </div>
      )}
      <p className="border-t px-4 py-2 text-xs text-muted">
        To see the tickets of these tasks, open the{' '}
        <Link to="/board/all?of=tickets" className="underline underline-offset-2">
          board
        </Link>
        .
      </p>
    </Card>
  );
}
