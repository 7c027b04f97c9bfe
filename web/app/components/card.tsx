import type { ReactNode } from 'react';

export function Card({
  title,
  level = 2,
  aside,
  children,
  className = '',
  flush = false,
  id,
}: {
  title?: ReactNode;
  level?: 2 | 3;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  /** No padding, for lists and tables. */ flush?: boolean;
  id?: string;
}) {
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section id={id} className={`min-w-0 rounded-lg border bg-card ${className}`}>
      {title !== undefined && (
        <header className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b px-4 py-2">
          <Heading className="text-sm font-semibold">{title}</Heading>
          {aside}
        </header>
      )}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 px-4 py-10 text-center">
      <p className="text-sm font-medium">{title}</p>
      {children && <div className="max-w-sm text-sm text-muted">{children}</div>}
    </div>
  );
}

/** A value with its label. */
export function Stat({
  name,
  children,
  title,
  wrap = false,
}: {
  name: string;
  children: ReactNode;
  title?: string;
  /** A value that is read whole, such as a date, takes a second line. */ wrap?: boolean;
}) {
  return (
    <div title={title} className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className={`mt-0.5 text-sm font-medium ${wrap ? '' : 'truncate'}`}>{children}</dd>
    </div>
  );
}

export function Notice({ tone, children }: { tone: 'warn' | 'bad' | 'info'; children: ReactNode }) {
  const tones = {
    warn: 'border-warn/40 bg-warn-soft',
    bad: 'border-bad/40 bg-bad-soft',
    info: 'border-info/30 bg-info-soft',
  };
  return (
    <div role={tone === 'bad' ? 'alert' : 'status'} className={`rounded-md border px-3 py-2 text-sm ${tones[tone]}`}>
      {children}
    </div>
  );
}
