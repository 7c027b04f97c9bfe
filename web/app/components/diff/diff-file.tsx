import { ChevronDown, ChevronRight } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { FileRisk } from '#workflows/domain/merge/risk.ts';
import type { PatchFile } from '../../lib/patch.ts';
import { Badge } from '../badge.tsx';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Checkbox } from '../field.tsx';
import { DiffLines } from './diff-lines.tsx';
import { DiffStat } from './diff-stat.tsx';
import { HunkSources, type LineSource } from './hunk-sources.tsx';
import { RiskBadge } from './risk-badge.tsx';
import type { LineComments } from './line-comment.tsx';
import { SplitLines } from './split-lines.tsx';

const labels = { add: 'new', delete: 'removed', modify: undefined, rename: 'renamed', copy: 'copied' } as const;
/** Changes with more lines are drawn only when they are opened. */
const large = 600;

interface DiffFileProps {
  file: PatchFile;
  id?: string;
  viewed?: boolean;
  onViewed?: (viewed: boolean) => void;
  /** Where to keep comments on lines; undefined when lines cannot be commented. */
  comments?: LineComments;
  risk?: FileRisk;
  /** Where its lines come from. */
  sources?: readonly LineSource[];
  /** Called with its path when the file is open. */
  onOpen?: (path: string) => void;
}

export function DiffFile({ file, id, viewed, onViewed, comments, risk, sources, onOpen }: DiffFileProps) {
  const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const [open, setOpen] = useState(lines <= large && !risk?.mechanical);
  const body = useId();
  const shown = open && !viewed;
  useEffect(() => {
    if (shown) onOpen?.(file.path);
  }, [shown, onOpen, file.path]);
  const [view] = usePreference('diff');
  const room = useRoomForTwo();
  // An added or deleted file has only one side.
  const Lines = view === 'split' && room && file.type !== 'add' && file.type !== 'delete' ? SplitLines : DiffLines;
  const Arrow = shown ? ChevronDown : ChevronRight;
  return (
    <section id={id} aria-label={file.path} className="scroll-mt-16 overflow-hidden rounded-md border bg-card">
      <header className="flex min-h-9 items-center gap-2 bg-side px-2 py-1">
        <button
          type="button"
          aria-expanded={shown}
          aria-controls={body}
          onClick={() => {
            setOpen(!shown);
            if (viewed) onViewed?.(false);
          }}
          className="flex min-w-0 flex-1 items-center gap-1.5 rounded-sm text-left"
        >
          <Arrow aria-hidden className="size-4 shrink-0 text-muted" />
          <span className="figures min-w-0 text-xs font-medium break-all">
            {file.from && <span className="text-muted">{file.from} → </span>}
            {file.path}
          </span>
        </button>
        {labels[file.type] && <Badge>{labels[file.type]}</Badge>}
        {risk && <RiskBadge risk={risk} />}
        <DiffStat added={file.added} removed={file.removed} />
        {onViewed && (
          <span className="pl-2 text-xs text-muted">
            <Checkbox label="viewed" checked={viewed} onChange={(event) => onViewed(event.target.checked)} />
          </span>
        )}
      </header>
      <div id={body} hidden={!shown} className="border-t">
        {shown &&
          file.hunks.map((hunk) => (
            <div key={hunk.header} className="border-b last:border-b-0">
              <p className="truncate bg-info-soft px-3 py-0.5 font-mono text-xs text-muted">{hunk.header}</p>
              {sources && <HunkSources sources={sources} lines={hunk.lines} />}
              <Lines lines={hunk.lines} label={`Change in ${file.path}`} path={file.path} comments={comments} />
            </div>
          ))}
        {shown && file.hunks.length === 0 && (
          <p className="px-3 py-3 text-xs text-muted">
            {file.binary ? 'A binary file: its change is not shown.' : 'Only its name or mode changed.'}
          </p>
        )}
      </div>
    </section>
  );
}
