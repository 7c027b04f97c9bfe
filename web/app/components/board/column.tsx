import { useCallback, useRef } from 'react';
import { listTasks } from '#server/contracts/tasks.ts';
import { listTickets } from '#server/contracts/tickets.ts';
import { call } from '../../lib/browser-api.ts';
import { taskLine, ticketLine, type TaskLine, type TicketLine } from '../../lib/lines.ts';
import { useMore, useMoreAtEnd } from '../../lib/use-more.ts';
import { count } from '../../lib/format.ts';
import type { BoardPage } from '../../lib/board-page.server.ts';
import { MoreButton } from '../more-button.tsx';
import { lanesOf, type Lanes } from '../../lib/lanes.ts';
import { CardList } from './card-list.tsx';
import { TaskCard, TicketCard } from './cards.tsx';
import { MovableCard, useDrop } from './moving.tsx';

export type CardData = ({ of: 'task' } & TaskLine) | ({ of: 'ticket' } & TicketLine);
type ColumnData = BoardPage['board']['columns'][number];

/** A column: its number of cards, and the newest ones. Older ones are loaded when its end comes near, or by a button. */
export function Column({
  column,
  of,
  filter,
  narrow,
  lanes,
}: {
  column: ColumnData;
  of: BoardPage['of'];
  filter: BoardPage['filter'];
  narrow: BoardPage['narrow'];
  lanes: Lanes;
}) {
  const place = useRef<HTMLElement>(null);
  const scrolls = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const over = useDrop(place, column.id, of === 'tickets');
  const load = useCallback(
    async (cursor: string): Promise<{ items: CardData[]; next_cursor: string | null }> => {
      const query = { ...filter, status: column.statuses.join(','), cursor, limit: 100 };
      if (of === 'tasks') {
        const page = await call(listTasks, { query });
        return { items: page.items.map((task) => ({ of: 'task', ...taskLine(task) })), next_cursor: page.next_cursor };
      }
      const page = await call(listTickets, { query: { ...query, ...narrow } });
      return {
        items: page.items.map((ticket) => ({ of: 'ticket', ...ticketLine(ticket) })),
        next_cursor: page.next_cursor,
      };
    },
    [filter, narrow, column.statuses, of],
  );
  const list = useMore<CardData>(
    { items: column.items, next_cursor: column.next_cursor },
    load,
    `${filter.search}-${filter.spec_id}-${filter.project_id}-${narrow.priority}-${narrow.blocked}-${narrow.workflow_mode}`,
  );
  useMoreAtEnd(list, scrolls, end);
  return (
    <section
      ref={place}
      aria-labelledby={`column-${column.id}`}
      data-column
      className={`flex w-[85vw] max-w-sm shrink-0 snap-start flex-col rounded-lg border bg-side md:w-auto md:max-w-none md:min-w-48 md:flex-1 md:basis-0 ${over ? 'outline-2 outline-accent' : ''}`}
    >
      <h2 id={`column-${column.id}`} className="flex items-center justify-between gap-2 px-3 py-2 text-sm font-medium">
        {column.title}
        <span className={`figures text-xs font-normal ${column.over_limit ? 'text-warn' : 'text-muted'}`}>
          {count(column.total)}
          {column.wip_limit !== null && (
            <>
              <span aria-hidden> / {count(column.wip_limit)}</span>
              <span className="sr-only">
                {' '}
                of {count(column.wip_limit)} at most{column.over_limit ? ', over the limit' : ''}
              </span>
            </>
          )}
        </span>
      </h2>
      <div
        ref={scrolls}
        className="relative max-h-[calc(100dvh-14rem)] min-h-24 overflow-y-auto px-2 pb-2 md:max-h-[calc(100dvh-12rem)]"
        tabIndex={list.items.length > 0 ? 0 : undefined}
        role="group"
        aria-label={`Cards in ${column.title}`}
      >
        {lanesOf(list.items, lanes).map((lane) => (
          <section key={lane.id} aria-label={lane.title} className="mb-2 last:mb-0">
            {lane.title && (
              <h3 className="sticky top-0 z-1 truncate bg-side py-1 text-xs font-medium text-muted">{lane.title}</h3>
            )}
            <CardList
              cards={lane.cards}
              scrolls={scrolls}
              size={!lanes ? column.total : list.more ? -1 : lane.cards.length}
            >
              {(card) =>
                card.of === 'task' ? (
                  <TaskCard task={card} />
                ) : (
                  <MovableCard ticket={card}>
                    <TicketCard ticket={card} />
                  </MovableCard>
                )
              }
            </CardList>
          </section>
        ))}
        {list.items.length === 0 && <p className="px-1 py-3 text-xs text-muted">Empty</p>}
        <div ref={end}>
          <MoreButton list={list} />
        </div>
      </div>
    </section>
  );
}
