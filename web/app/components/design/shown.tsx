import type { ReactNode } from 'react';

export const Chapter = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title} className="space-y-6">
    <h2 className="border-b pb-2 text-xl font-semibold">{title}</h2>
    {children}
  </section>
);

/** A part in one of its states, with the name of the state. */
export const Shown = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="min-w-0">
    <h3 className="pb-2 text-xs text-muted">{name}</h3>
    <div className="flex flex-wrap items-center gap-3">{children}</div>
  </div>
);
