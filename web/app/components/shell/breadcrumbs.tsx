import { Link } from '@remix-run/react';
import { useHandles } from '../../lib/page-handle.ts';

export function Breadcrumbs() {
  const crumbs = useHandles(({ crumbs: of }, data) => of?.(data) ?? []);
  if (crumbs.length === 0) return null;
  return (
    <nav aria-label="Breadcrumbs" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 text-sm">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li key={index} className={`flex min-w-0 items-center gap-1.5 ${last ? '' : 'hidden shrink-0 md:flex'}`}>
              {index > 0 && (
                <span aria-hidden className="hidden text-muted md:inline">
                  /
                </span>
              )}
              {last || !crumb.to ? (
                <span aria-current={last ? 'page' : undefined} className="truncate font-medium" title={crumb.label}>
                  {crumb.label}
                </span>
              ) : (
                <Link to={crumb.to} className="max-w-48 truncate text-muted hover:text-text">
                  {crumb.label}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
