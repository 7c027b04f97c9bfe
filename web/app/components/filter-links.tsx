import { Link, useLocation } from '@remix-run/react';
import { count } from '../lib/format.ts';
import { segmentShape } from './field.tsx';

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
    <nav aria-label={label} className="flex w-fit flex-wrap gap-0.5 rounded-md bg-subtle p-0.5">
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
            className={segmentShape(on)}
          >
            {option.label}
            {option.count !== undefined && <span className="figures">{count(option.count)}</span>}
          </Link>
        );
      })}
    </nav>
  );
}
