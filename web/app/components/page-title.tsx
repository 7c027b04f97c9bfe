import type { ReactNode } from 'react';

/** The head of a page: its name, its badges and facts, and at the right what can be done. */
export function PageTitle({
  title,
  note,
  facts,
  level = 1,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  facts?: ReactNode;
  level?: 1 | 3;
  children?: ReactNode;
}) {
  const Heading = `h${level}` as const;
  return (
    <header className="mb-4 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 flex-1 basis-72">
        <Heading className="text-xl font-semibold tracking-tight break-words">{title}</Heading>
        {facts && <div className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">{facts}</div>}
        {note && <p className="mt-0.5 text-xs text-muted">{note}</p>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}
