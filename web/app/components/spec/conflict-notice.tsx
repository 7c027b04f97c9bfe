import type { ReactNode } from 'react';

/** Says that another person changed what is edited, and shows how it now reads. */
export const ConflictNotice = ({ what, children }: { what: string; children: ReactNode }) => (
  <div role="alert" className="rounded-md border border-warn-fill/60 bg-warn-soft px-3 py-2 text-sm">
    <p className="font-medium">{what} was changed while you edited it. It now reads:</p>
    <div className="mt-1 break-words whitespace-pre-wrap">{children}</div>
    <p className="mt-1 text-xs text-soft">If you save, your text replaces it.</p>
  </div>
);
