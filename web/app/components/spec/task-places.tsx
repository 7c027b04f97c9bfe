import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { GripVertical } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { movePlannedTask } from '#server/contracts/gate-edits.ts';
import { useCommand } from '../../lib/use-command.ts';
import { IconButton } from '../button.tsx';
import { Menu, MenuItem } from '../menu.tsx';
import { useToast } from '../toast.tsx';

/** Moves tasks of a plan to other places of it. A move is added to what others have changed meanwhile. */
export function useTaskPlaces(specId: string, order: readonly string[]) {
  const command = useCommand(movePlannedTask);
  const toast = useToast();
  /** @param at the task's new place among the others, from 0. */
  const move = (task: string, at: number) => {
    const others = order.filter((one) => one !== task);
    const place = Math.max(0, Math.min(at, others.length));
    if (order[place] === task) return;
    void command.run({ params: { id: specId, task }, body: { before: others[place] ?? null } }).then((done) => {
      if (!done) return;
      toast(`${task} is number ${place + 1} of ${order.length}`);
      // Its row is drawn at the new place in the next frame.
      setTimeout(() => document.getElementById(`move-${task}`)?.focus());
    });
  };
  return { move, order, error: command.error };
}

type Places = ReturnType<typeof useTaskPlaces>;

/** A row that is dragged to another place, and takes the place of the row that it is dropped on. */
export function TaskPlace({
  id,
  places: { move, order },
  on,
  children,
}: {
  id: string;
  places: Places;
  on: boolean;
  children: ReactNode;
}) {
  const element = useRef<HTMLLIElement>(null);
  const [state, setState] = useState<'dragged' | 'over'>();
  const latest = useRef({ move, order });
  latest.current = { move, order };
  useEffect(() => {
    if (!on || !element.current) return;
    return combine(
      draggable({
        element: element.current,
        getInitialData: () => ({ planned: id }),
        onDragStart: () => setState('dragged'),
        onDrop: () => setState(undefined),
      }),
      dropTargetForElements({
        element: element.current,
        canDrop: ({ source }) => typeof source.data.planned === 'string' && source.data.planned !== id,
        onDragEnter: () => setState('over'),
        onDragLeave: () => setState(undefined),
        onDrop: ({ source }) => {
          setState(undefined);
          latest.current.move(String(source.data.planned), latest.current.order.indexOf(id));
        },
      }),
    );
  }, [on, id]);
  const looks = { dragged: 'opacity-50', over: 'outline-2 outline-accent' };
  return (
    <li ref={element} id={id} className={state && looks[state]}>
      {children}
    </li>
  );
}

/** Moves a task with keys. */
export function MoveTask({ id, places: { move, order }, disabled }: { id: string; places: Places; disabled: boolean }) {
  const at = order.indexOf(id);
  const end = order.length - 1;
  const ways = [
    { label: 'Up', to: at - 1, on: at > 0 },
    { label: 'Down', to: at + 1, on: at < end },
    { label: 'To the top', to: 0, on: at > 0 },
    { label: 'To the end', to: end, on: at < end },
  ];
  return (
    <Menu
      trigger={
        <IconButton id={`move-${id}`} label={`Move ${id}`} disabled={disabled}>
          <GripVertical aria-hidden className="size-4" />
        </IconButton>
      }
    >
      {ways
        .filter((way) => way.on)
        .map(({ label, to }) => (
          <MenuItem key={label} onSelect={() => move(id, to)}>
            {label}
          </MenuItem>
        ))}
    </Menu>
  );
}
