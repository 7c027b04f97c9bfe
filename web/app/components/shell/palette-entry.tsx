import { Command } from 'cmdk';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { StatusIcon } from '../badge.tsx';
import { Key } from '../tooltip.tsx';

/** A group of results. */
export const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <Command.Group
    heading={title}
    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
  >
    {children}
  </Command.Group>
);

/** One result. */
export function Entry({
  id,
  label,
  also,
  icon: Icon,
  status,
  keys,
  aside,
  onSelect,
}: {
  id: string;
  label: string;
  /** Other words that find it. */ also?: string;
  icon?: LucideIcon;
  status?: string;
  keys?: readonly string[];
  /** At the right: what is typed for it. */ aside?: string;
  onSelect: () => void;
}) {
  return (
    <Command.Item
      // The label comes first: it is what the search rates.
      value={`${label} ${id}`}
      keywords={also ? [also] : undefined}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2 text-sm data-[selected=true]:bg-hover pointer-coarse:min-h-11"
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-muted" />}
      {status && <StatusIcon status={status} />}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {aside && (
        <span aria-hidden className="figures hidden text-xs text-muted sm:block">
          {aside}
        </span>
      )}
      {keys && (
        <span className="hidden gap-1 md:flex" aria-hidden>
          {keys.map((key) => (
            <Key key={key}>{key}</Key>
          ))}
        </span>
      )}
    </Command.Item>
  );
}

/** What an order still lacks. */
export const Hint = ({ text, query }: { text: string; query: string }) => (
  <Command.Item value={text} keywords={[query]} disabled className="px-2 py-2 text-sm text-muted">
    {text}
  </Command.Item>
);
