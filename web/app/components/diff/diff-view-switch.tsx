import { Columns2, Rows2 } from 'lucide-react';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Segments } from '../field.tsx';
import { useKey } from '../shell/use-shortcuts.ts';

const views = [
  { value: 'unified', label: 'Unified', icon: Rows2 },
  { value: 'split', label: 'Split', icon: Columns2 },
] as const;

/** Switches between a unified and a split diff, also with `d`. Hidden when the window is too narrow for a split one. */
export function DiffViewSwitch() {
  const [view, choose] = usePreference('diff');
  const room = useRoomForTwo();
  useKey('d', room ? () => choose(view === 'split' ? 'unified' : 'split') : undefined);
  if (!room) return null;
  return (
    <div className="hidden justify-end lg:flex">
      <Segments
        label="Diff view"
        chosen={view}
        onChoose={choose}
        options={views.map(({ value, label, icon: Icon }) => ({
          value,
          title: `${label} (press d to switch)`,
          label: (
            <>
              <Icon aria-hidden className="size-3.5" />
              {label}
            </>
          ),
        }))}
      />
    </div>
  );
}
