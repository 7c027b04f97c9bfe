import { Link, useLocation } from '@remix-run/react';

/** A filter that keeps its choice in the address. The first option means all. */
export function FilterLinks({
  name,
  label,
  options,
  chosen,
}: {
  name: string;
  label: string;
  options: readonly { value: string; label: string; count?: number }[];
  chosen: string;
}) {
  const { search } = useLocation();
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1">
      {options.map((option) => {
        const query = new URLSearchParams(search);
        if (option.value === '') query.delete(name);
        else query.set(name, option.value);
        const on = option.value === chosen;
        return (
          <Link
            key={option.value}
            to={{ search: query.size > 0 ? `?${query}` : '' }}
            preventScrollReset
            aria-current={on ? 'true' : undefined}
            className={`inline-flex h-7 items-center gap-1.5 rounded-md px-2.5 text-xs pointer-coarse:min-h-11 ${on ? 'bg-ink font-medium text-on-ink' : 'text-soft hover:bg-hover'}`}
          >
            {option.label}
            {option.count !== undefined && <span className="figures">{option.count.toLocaleString('en-US')}</span>}
          </Link>
        );
      })}
    </nav>
  );
}
