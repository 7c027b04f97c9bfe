import { Columns2, Rows2 } from 'lucide-react';
import { useDiffView, useRoomForTwo } from '../../lib/diff-view.ts';
import { useKey } from '../shell/use-shortcuts.ts';

const views = [
  { id: 'unified', label: 'Unified', icon: Rows2 },
  { id: 'split', label: 'Split', icon: Columns2 },
] as const;

/** Switches between a unified and a split diff, also with `d`. Hidden when the window is too narrow for a split one. */
export function DiffViewSwitch() {
  const [view, choose] = useDiffView();
  const room = useRoomForTwo();
  useKey('d', room ? () => choose(view === 'split' ? 'unified' : 'split') : undefined);
  if (!room) return null;
  return (
    <div role="group" aria-label="Diff view" className="hidden justify-end gap-1 lg:flex">
      {views.map(({ id, label, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-pressed={view === id}
          title={`${label} (press d to switch)`}
          onClick={() => choose(id)}
          className={`inline-flex h-7 items-center gap-1.5 rounded-md px-2.5 text-xs ${view === id ? 'bg-ink font-medium text-on-ink' : 'text-soft hover:bg-hover'}`}
        >
          <Icon aria-hidden className="size-3.5" />
          {label}
        </button>
      ))}
    </div>
  );
}
