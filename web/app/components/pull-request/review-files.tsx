import { Check } from 'lucide-react';
import { useMemo, useState, type ComponentProps } from 'react';
import { parsePatch } from '../../lib/patch.ts';
import { Empty } from '../card.tsx';
import { DiffFile } from '../diff/diff-file.tsx';
import { DiffViewSwitch } from '../diff/diff-view-switch.tsx';
import { DiffStat } from '../diff/diff-stat.tsx';
import { useKey } from '../shell/use-shortcuts.ts';

const anchor = (index: number) => `file-${index}`;

/**
 * The changed files and a list of them; `j` and `k` go to the next and previous file, `v` marks the current one as
 * viewed.
 */
export function ReviewFiles({
  diff,
  comments,
}: {
  diff: { patch: string; truncated: boolean };
  /** Comments on lines, where they can be made. */
  comments?: ComponentProps<typeof DiffFile>['comments'];
}) {
  const files = useMemo(() => parsePatch(diff.patch), [diff.patch]);
  const [viewed, setViewed] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  const go = (to: number) => {
    if (to < 0 || to >= files.length) return;
    setAt(to);
    const target = document.getElementById(anchor(to));
    target?.scrollIntoView();
    target?.querySelector('button')?.focus({ preventScroll: true });
  };
  const mark = (path: string, on: boolean) =>
    setViewed((known) => new Set([...known].filter((one) => one !== path).concat(on ? [path] : [])));
  useKey('j', () => go(at + 1));
  useKey('k', () => go(at - 1));
  useKey('v', () => files[at] && mark(files[at].path, !viewed.has(files[at].path)));
  if (files.length === 0) return <Empty title="No files changed" />;
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <nav
        aria-label="Changed files"
        className="rounded-lg border bg-card lg:sticky lg:top-16 lg:max-h-[calc(100dvh-5rem)] lg:overflow-y-auto"
      >
        <p className="flex justify-between border-b px-3 py-2 text-xs text-muted">
          <span>
            <span className="figures">{viewed.size}</span> of <span className="figures">{files.length}</span> viewed
          </span>
          <span className="hidden lg:inline">
            <kbd>j</kbd> <kbd>k</kbd> <kbd>v</kbd>
          </span>
        </p>
        <ul className="p-1">
          {files.map((file, index) => (
            <li key={file.path}>
              <a
                href={`#${anchor(index)}`}
                onClick={(event) => {
                  event.preventDefault();
                  go(index);
                }}
                aria-current={index === at ? 'true' : undefined}
                className={`flex min-h-8 items-center gap-2 rounded-md px-2 text-xs hover:bg-hover ${index === at ? 'bg-hover' : ''}`}
              >
                {viewed.has(file.path) ? (
                  <Check aria-label="viewed" className="size-3.5 shrink-0 text-good" />
                ) : (
                  <span className="size-3.5 shrink-0" />
                )}
                <span className="figures min-w-0 flex-1 truncate" title={file.path}>
                  {file.path}
                </span>
                <DiffStat added={file.added} removed={file.removed} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-w-0 space-y-3">
        <DiffViewSwitch />
        {files.map((file, index) => (
          <DiffFile
            key={file.path}
            id={anchor(index)}
            file={file}
            viewed={viewed.has(file.path)}
            onViewed={(on) => mark(file.path, on)}
            comments={comments}
          />
        ))}
        {diff.truncated && (
          <p className="text-xs text-muted">The change is too large to show in full. See the rest on the branch.</p>
        )}
      </div>
    </div>
  );
}
