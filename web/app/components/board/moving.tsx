import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ArrowRightLeft } from 'lucide-react';
import { createContext, useContext, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { moveOnBoard } from '#server/contracts/board.ts';
import { columnOf, columnOfStatus, ticketColumns } from '#workflows/domain/tasks/columns.ts';
import type { TicketLine } from '../../lib/lines.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Notice } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { IconButton } from '../button.tsx';
import { Menu, MenuItem } from '../menu.tsx';
import { useToast } from '../toast.tsx';

type Move = (ticket: { id: string; key: string }, columnId: string) => void;
const MoveContext = createContext<Move | undefined>(undefined);

/** Lets tickets be moved between the columns within it. A refused move says why, and the ticket stays. */
export function MovesTickets({ children }: { children: ReactNode }) {
  const move = useCommand(moveOnBoard);
  const toast = useToast();
  const lacks = useLacks('ticket:write');
  const apply: Move = (ticket, columnId) => {
    const body = { ticket_id: ticket.id, target_column_id: columnId };
    void move.run({ body }).then((moved) => {
      if (moved) toast(`${ticket.key} is in ${columnOf(columnId)?.title ?? columnId}.`);
    });
  };
  return (
    <MoveContext.Provider value={lacks === undefined ? apply : undefined}>
      {move.error && (
        <div className="mb-3">
          <Notice tone="bad">
            <CommandError error={move.error} />
          </Notice>
        </div>
      )}
      {children}
    </MoveContext.Provider>
  );
}

/** The columns into which a ticket may be moved now. Cancelling has a dialog of its own. */
const targetsOf = ({ status, allowed_statuses: allowed }: TicketLine) =>
  ticketColumns.filter(
    ({ id, entry }) => id !== 'ended' && id !== columnOfStatus(status)?.id && allowed.includes(entry),
  );

/** A card that is dragged by its whole surface, or moved by its menu with keys. */
export function MovableCard({ ticket, children }: { ticket: TicketLine; children: ReactNode }) {
  const move = useContext(MoveContext);
  const element = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState(false);
  const targets = targetsOf(ticket);
  const movable = move !== undefined && targets.length > 0;
  const { id, key } = ticket;
  useEffect(() => {
    if (!movable || !element.current) return;
    return draggable({
      element: element.current,
      getInitialData: () => ({ id, key }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [movable, id, key]);
  return (
    <div ref={element} className={`relative ${movable ? 'cursor-grab' : ''} ${dragged ? 'opacity-50' : ''}`}>
      {children}
      {movable && (
        <span className="absolute right-1 bottom-1">
          <Menu
            trigger={
              <IconButton label={`Move ${key}`} className="!size-6 pointer-coarse:!size-11">
                <ArrowRightLeft aria-hidden className="size-3.5" />
              </IconButton>
            }
          >
            {targets.map((column) => (
              <MenuItem key={column.id} onSelect={() => move(ticket, column.id)}>
                Move to {column.title}
              </MenuItem>
            ))}
          </Menu>
        </span>
      )}
    </div>
  );
}

/** Takes tickets that are dropped on an element. @returns whether one is above it. */
export function useDrop(element: RefObject<HTMLElement>, columnId: string, on: boolean): boolean {
  const move = useContext(MoveContext);
  const latest = useRef(move);
  latest.current = move;
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!on || !element.current) return;
    return dropTargetForElements({
      element: element.current,
      canDrop: ({ source }) => typeof source.data.id === 'string',
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        latest.current?.({ id: String(source.data.id), key: String(source.data.key) }, columnId);
      },
    });
  }, [element, columnId, on]);
  return over;
}
