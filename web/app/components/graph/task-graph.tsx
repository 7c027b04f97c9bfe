import { Link } from '@remix-run/react';
import { useMemo } from 'react';
import { criticalPath } from '#workflows/domain/tasks/graph.ts';
import { layoutGraph, linePath, nodeSize } from '../../lib/graph-layout.ts';
import { statusOf, toneFill } from '../../lib/status.ts';
import { StatusBadge } from '../badge.tsx';

export interface GraphTask {
  id: string;
  label: string;
  title: string;
  status: string;
  /** The page of the task; planned tasks have none yet. */
  to?: string;
  /** Its ticket, when the graph shows the tasks of several. */
  group?: string;
}

export interface TaskEdge {
  from: string;
  to: string;
  /** after: starts when the other task is done; found: discovered by the other task's agent. */
  kind: 'after' | 'found';
  label?: string;
}

const margin = 12;

/**
 * Tasks and their dependencies, drawn from left to right. The nodes are a list of links whose labels also say what the
 * lines show, so that screen readers need no other description.
 */
export function TaskGraph({
  tasks,
  links,
  name,
  className = '',
}: {
  tasks: GraphTask[];
  links: TaskEdge[];
  name: string;
  className?: string;
}) {
  const { layout, chain } = useMemo(() => {
    const after = Object.fromEntries(
      tasks.map(({ id }) => [
        id,
        links.filter((link) => link.to === id && link.kind === 'after').map((link) => link.from),
      ]),
    );
    const { path } = criticalPath(after);
    return {
      layout: layoutGraph(
        tasks.map(({ id }) => id),
        links,
      ),
      chain: path.length > 2 ? new Set(path.slice(1).map((id, index) => `${path[index]} ${id}`)) : new Set<string>(),
    };
  }, [tasks, links]);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const label = (id: string) => byId.get(id)?.label ?? '';
  const isStrong = (edge: number) =>
    links[edge]?.kind === 'after' && chain.has(`${links[edge]?.from} ${links[edge]?.to}`);
  const has = (kind: TaskEdge['kind']) =>
    links.some((link) => link.kind === kind && byId.has(link.from) && byId.has(link.to));
  return (
    <figure aria-label={name} className={className}>
      <div
        tabIndex={0}
        role="region"
        aria-label={`${name}, scrolls`}
        className="max-h-[34rem] overflow-auto rounded-md border bg-side"
      >
        <div className="relative" style={{ width: layout.width + 2 * margin, height: layout.height + 2 * margin }}>
          <svg
            aria-hidden
            width={layout.width + 2 * margin}
            height={layout.height + 2 * margin}
            viewBox={`${-margin} ${-margin} ${layout.width + 2 * margin} ${layout.height + 2 * margin}`}
            className="absolute inset-0"
            fill="none"
          >
            <defs>
              {['muted', 'text'].map((tone) => (
                <marker
                  key={tone}
                  id={`arrow-${tone}`}
                  viewBox="0 0 8 8"
                  refX="7"
                  refY="4"
                  markerWidth="7"
                  markerHeight="7"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path d="M0 0L8 4L0 8z" className={tone === 'text' ? 'fill-text' : 'fill-muted'} />
                </marker>
              ))}
            </defs>
            {[...layout.lines]
              .sort((a, b) => Number(isStrong(a.edge)) - Number(isStrong(b.edge)))
              .map(({ edge, points }) => {
                const link = links[edge] as TaskEdge;
                const strong = isStrong(edge);
                return (
                  <path
                    key={edge}
                    d={linePath(points)}
                    strokeDasharray={link.kind === 'found' ? '4 3' : undefined}
                    strokeWidth={strong ? 2 : 1.25}
                    markerEnd={`url(#arrow-${strong ? 'text' : 'muted'})`}
                    className={strong ? 'stroke-text' : 'stroke-muted'}
                  />
                );
              })}
          </svg>
          <ol>
            {layout.places.map(({ id, x, y }) => {
              const task = byId.get(id) as GraphTask;
              const before = links.filter((link) => link.to === id && byId.has(link.from));
              const relations = (['after', 'found'] as const).flatMap((kind) => {
                const those = before
                  .filter((link) => link.kind === kind)
                  .map((link) => `${label(link.from)}${link.label ? ` (${link.label})` : ''}`);
                return those.length > 0
                  ? [`${kind === 'after' ? 'after' : 'discovered while working on'} ${those.join(', ')}`]
                  : [];
              });
              const shape =
                'relative flex size-full flex-col justify-between overflow-hidden rounded-md border bg-card py-1.5 pr-2.5 pl-3.5';
              const inner = (
                <>
                  <span
                    aria-hidden
                    className={`absolute inset-y-0 left-0 w-1 ${toneFill[statusOf(task.status).tone]}`}
                  />
                  <span className="line-clamp-2 text-xs leading-4 break-words">
                    <span className="figures text-xs text-muted">{task.label}</span> {task.title}
                  </span>
                  <span className="flex items-center justify-between gap-2 overflow-hidden">
                    <StatusBadge status={task.status} />
                    {task.group && <span className="figures truncate text-xs text-muted">{task.group}</span>}
                  </span>
                  {relations.length > 0 && <span className="sr-only">, {relations.join('; ')}</span>}
                </>
              );
              return (
                <li
                  key={id}
                  className="absolute"
                  style={{ left: x + margin, top: y + margin, width: nodeSize.width, height: nodeSize.height }}
                >
                  {task.to ? (
                    <Link to={task.to} title={task.title} className={`${shape} hover:bg-hover`}>
                      {inner}
                    </Link>
                  ) : (
                    <div title={task.title} className={shape}>
                      {inner}
                    </div>
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      </div>
      <figcaption className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {has('after') && <LineKey>depends on it</LineKey>}
        {has('found') && <LineKey dash="4 3">discovered while working on it</LineKey>}
        {chain.size > 0 && <LineKey strong>longest chain</LineKey>}
      </figcaption>
    </figure>
  );
}

/** A line as the graph draws it, with its meaning. */
export function LineKey({
  dash,
  strong = false,
  colour = strong ? 'stroke-text' : 'stroke-muted',
  children,
}: {
  dash?: string;
  strong?: boolean;
  colour?: string;
  children: string;
}) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg aria-hidden width="28" height="8" fill="none">
        <path d="M0 4H26" strokeDasharray={dash} strokeWidth={strong ? 2 : 1.25} className={colour} />
      </svg>
      {children}
    </span>
  );
}
