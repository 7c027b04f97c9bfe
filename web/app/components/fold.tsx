import { useState, type ReactNode } from 'react';

/** A collapsible part. Its content is rendered only while open, so that a page with thousands of them stays fast. */
export function Fold({
  open: first = false,
  summary,
  summaryClass,
  className,
  children,
}: {
  open?: boolean;
  summary: ReactNode;
  summaryClass: string;
  className?: string;
  children: () => ReactNode;
}) {
  const [open, setOpen] = useState(first);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className={className}>
      <summary className={summaryClass}>{summary}</summary>
      {open && children()}
    </details>
  );
}
