/**
 * The keys that go from row to row of a page's list, and from column to column of its board. A page without rows has
 * none of them. Rows carry `data-row`, columns `data-column`.
 */
export function stepTo(page: Document): Partial<Record<string, () => void>> {
  const rowsIn = (part: Element) => [...part.querySelectorAll<HTMLElement>('[data-row]')];
  const content = page.getElementById('content');
  if (!content || rowsIn(content).length === 0) return {};
  const columns = [...content.querySelectorAll('[data-column]')].filter((column) => rowsIn(column).length > 0);
  const column = columns.find((one) => one.contains(page.activeElement));
  const rows = rowsIn(column ?? columns[0] ?? content);
  const at = rows.findIndex((row) => row === page.activeElement);
  const focus = (row: HTMLElement | undefined) => {
    row?.focus();
    row?.scrollIntoView({ block: 'nearest' });
  };
  const step = (by: number) => () => focus(at < 0 ? rows[0] : rows[at + by]);
  const aside = (by: number) => () => {
    const next = columns[column ? columns.indexOf(column) + by : 0];
    if (next) focus(rowsIn(next)[Math.max(0, at)] ?? rowsIn(next).at(-1));
  };
  return { j: step(1), k: step(-1), ...(columns.length > 0 ? { h: aside(-1), l: aside(1) } : {}) };
}
