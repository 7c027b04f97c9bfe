import { Link, useLocation } from '@remix-run/react';
import { useEffect, useRef, type ReactNode } from 'react';

export interface Tab {
  /** Its value in the address; the first tab has none. */
  id: string;
  label: string;
  count?: number;
  /** A page of its own. */
  to?: string;
}

/** Tabs are links: they can be shared, opened in a new window, and the back button works. */
export function Tabs({
  tabs,
  active,
  label,
  aside,
}: {
  tabs: readonly Tab[];
  active: string;
  label: string;
  aside?: ReactNode;
}) {
  const { search } = useLocation();
  const row = useRef<HTMLElement>(null);
  // On a phone the chosen tab may lie outside of the row's view.
  useEffect(() => {
    const chosen = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (row.current && chosen) row.current.scrollLeft = chosen.offsetLeft - row.current.offsetLeft - 24;
  }, [active]);
  return (
    <div className="flex items-end justify-between gap-4 border-b">
      <nav ref={row} aria-label={label} className="-mb-px flex min-w-0 overflow-x-auto" tabIndex={-1}>
        {tabs.map((tab, index) => {
          const query = new URLSearchParams(search);
          if (index === 0) query.delete('tab');
          else query.set('tab', tab.id);
          const on = tab.id === active;
          return (
            <Link
              key={tab.id}
              to={tab.to ?? { search: query.size > 0 ? `?${query}` : '' }}
              preventScrollReset
              aria-current={on ? 'page' : undefined}
              className={`flex h-10 shrink-0 items-center gap-1.5 border-b-2 px-3 text-sm pointer-coarse:min-h-11 ${on ? 'border-ink font-medium text-text' : 'border-transparent text-muted hover:text-text'} -outline-offset-2`}
            >
              {tab.label}
              {tab.count !== undefined && (
                <span className="figures rounded-sm bg-subtle px-1 text-2xs text-soft">{tab.count}</span>
              )}
            </Link>
          );
        })}
      </nav>
      {aside}
    </div>
  );
}
