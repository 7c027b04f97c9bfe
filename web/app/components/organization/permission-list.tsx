import { useId } from 'react';
import type { PermissionLine } from '../../lib/role-permissions.ts';
import { Checkbox } from '../field.tsx';

/** All permissions by topic. `onToggle`: where the role can be changed; the others are shown as they are. */
export function PermissionList({
  topics,
  onToggle,
}: {
  topics: readonly { title: string; lines: readonly PermissionLine[] }[];
  onToggle?: (permission: string) => void;
}) {
  return (
    <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
      {topics.map(({ title, lines }) => (
        <fieldset key={title} className="min-w-0">
          <legend className="mb-1 text-xs font-medium text-soft">{title}</legend>
          {lines.map((line) => (
            <Line key={line.permission} {...line} onToggle={onToggle} />
          ))}
        </fieldset>
      ))}
    </div>
  );
}

/** The reason lies outside of the label, which is faint where the permission cannot be ticked. */
function Line({
  permission,
  words,
  has,
  fixed,
  onToggle,
}: PermissionLine & { onToggle?: (permission: string) => void }) {
  const about = useId();
  return (
    <div className="py-0.5 text-sm">
      <Checkbox
        label={words}
        aria-describedby={about}
        checked={has}
        disabled={!onToggle || fixed !== undefined}
        onChange={() => onToggle?.(permission)}
      />
      <p id={about} className="pl-6 text-xs text-muted">
        <span className="figures">{permission}</span>
        {fixed && ` · ${fixed}`}
      </p>
    </div>
  );
}
