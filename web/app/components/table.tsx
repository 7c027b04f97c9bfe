import { Link } from '@remix-run/react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';

export interface Column<T> {
  id: string;
  head: string;
  cell: (row: T) => ReactNode;
  /** The column that takes the space that is left; it names the row and carries its link. */
  main?: boolean;
  /** Numbers stand at the right. */
  right?: boolean;
  /** The smallest window that shows the column. */
  from?: 'sm' | 'md' | 'lg';
}

/** Tables with more rows draw only those in view. */
const plain = 100;
const height = 44;

const shown = { sm: 'hidden sm:table-cell', md: 'hidden md:table-cell', lg: 'hidden lg:table-cell' } as const;
const shape = <T,>({ main, right, from }: Column<T>) =>
  `px-2 first:pl-4 last:pr-4 ${main ? 'w-full max-w-0' : 'whitespace-nowrap'} ${right ? 'text-right' : 'text-left'} ${from ? shown[from] : ''}`;

/** Records as rows. `to`: the page of a row, opened by a click anywhere on it; `j` and `k` go from row to row. */
export function Table<T extends { id: string }>({
  label,
  columns,
  rows,
  to,
}: {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  to?: (row: T) => string | undefined;
}) {
  const body = useRef<HTMLTableSectionElement>(null);
  const long = rows.length > plain;
  const virtual = useWindowVirtualizer({
    count: long ? rows.length : 0,
    estimateSize: () => height,
    overscan: 15,
    scrollMargin: body.current?.offsetTop ?? 0,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const drawn = virtual.getVirtualItems();
  const before = long ? (drawn[0]?.start ?? 0) - virtual.options.scrollMargin : 0;
  const after = long ? virtual.getTotalSize() + virtual.options.scrollMargin - (drawn.at(-1)?.end ?? 0) : 0;
  const indexes = long ? drawn.map(({ index }) => index) : rows.keys();
  return (
    <table aria-label={label} aria-rowcount={rows.length + 1} className="w-full border-collapse text-sm">
      <thead className="text-xs text-muted">
        <tr className="border-b">
          {columns.map((column) => (
            <th key={column.id} scope="col" className={`h-8 font-medium ${shape(column)}`}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} className="divide-y">
        {before > 0 && <Space height={before} />}
        {[...indexes].map((index) => {
          const row = rows[index];
          if (!row) return null;
          const page = to?.(row);
          return (
            <tr
              key={row.id}
              ref={long ? virtual.measureElement : undefined}
              data-index={index}
              aria-rowindex={index + 2}
              className={`relative h-(--row) ${page ? 'focus-within:bg-hover hover:bg-hover' : ''}`}
            >
              {columns.map((column) => (
                <td key={column.id} className={`py-(--cell) ${shape(column)}`}>
                  {column.main && page ? (
                    <Link to={page} data-row className="block -outline-offset-2 after:absolute after:inset-0">
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          );
        })}
        {after > 0 && <Space height={after} />}
      </tbody>
    </table>
  );
}

/** The name of a row, with a word about it where there is one. */
export const RowTitle = ({ title, note }: { title: ReactNode; note?: ReactNode }) => (
  <span className="flex min-w-0 flex-col sm:flex-row sm:items-baseline sm:gap-x-3">
    <span className="truncate font-medium">{title}</span>
    {note && <span className="truncate text-xs text-muted">{note}</span>}
  </span>
);

const Space = ({ height: space }: { height: number }) => (
  <tr aria-hidden>
    <td colSpan={99} style={{ height: space }} />
  </tr>
);
