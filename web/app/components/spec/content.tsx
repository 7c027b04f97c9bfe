import type { ReactNode } from 'react';
import { sentence } from '../../lib/format.ts';
import { Empty, Notice } from '../card.tsx';

type State = 'passed' | 'answer' | 'draft' | 'none';

/** The output of a phase, or why there is none yet. Output that has not passed its gate is marked. */
export function PhaseContent({ state, name, children }: { state: State; name: string; children: ReactNode }) {
  if (state === 'none')
    return (
      <div className="rounded-lg border">
        <Empty title={`No ${name} yet`}>It appears here when its phase has a first draft.</Empty>
      </div>
    );
  return (
    <div className="space-y-4">
      {state === 'draft' && <Notice tone="info">This is a draft. The attempt that writes it is still running.</Notice>}
      {state === 'answer' && <Notice tone="warn">Not passed. This is the result of the newest attempt.</Notice>}
      {children}
    </div>
  );
}

/** A remark in a plan: a sentence or a small object. */
function Remark({ note }: { note: unknown }) {
  if (typeof note === 'string') return <>{note}</>;
  if (typeof note !== 'object' || note === null) return <>{String(note)}</>;
  return (
    <>
      {Object.entries(note)
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('; ')}
    </>
  );
}

export function Remarks({ title, notes }: { title: string; notes: readonly unknown[] | string }) {
  const list = typeof notes === 'string' ? (notes.trim() ? [notes] : []) : notes;
  if (list.length === 0) return null;
  return (
    <div className="min-w-0">
      <h3 className="text-xs font-medium text-muted">{title}</h3>
      <ul className="mt-1 list-disc space-y-0.5 pl-4 text-sm break-words marker:text-line-strong">
        {list.map((note, index) => (
          <li key={index}>
            <Remark note={note} />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Priority({ of }: { of: string }) {
  const edges: Record<string, string> = {
    CRITICAL: 'text-bad',
    HIGH: 'text-warn',
    MEDIUM: 'text-muted',
    LOW: 'text-muted',
  };
  return <span className={`text-xs font-medium ${edges[of] ?? 'text-muted'}`}>{sentence(of.toLowerCase())}</span>;
}
