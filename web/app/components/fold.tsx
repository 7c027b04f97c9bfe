import { useState, type ReactNode } from 'react';

/** A part that opens: what is in it is made when it is first wanted, so that a page of thousands stays light. */
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
