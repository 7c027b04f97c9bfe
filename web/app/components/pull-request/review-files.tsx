import { useCallback, useId, useMemo, useState, type ComponentProps } from 'react';
import type { FileRisk } from '#workflows/domain/merge/risk.ts';
import { byRisk, filesOf, fileTree, type Folder } from '../../lib/file-tree.ts';
import { parsePatch } from '../../lib/patch.ts';
import { useLineSources } from '../../lib/use-line-sources.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { Empty } from '../card.tsx';
import { DiffFile } from '../diff/diff-file.tsx';
import { CommandError } from '../error-card.tsx';
import { useKey } from '../shell/use-shortcuts.ts';
import { FileList, type ReviewedFile } from './file-list.tsx';
import { ReviewToolbar } from './review-toolbar.tsx';

const noRisk: FileRisk = { level: 'low', mechanical: false, reasons: [] };
const flat = (files: ReviewedFile[]): Folder<ReviewedFile> => ({
  name: '',
  folders: [],
  files: files.map((file) => ({ name: file.path, file })),
});

/**
 * The changed files and a list of them; `j` and `k` go to the next and previous file, `v` marks the current one as
 * viewed.
 */
export function ReviewFiles({
  diff,
  viewed,
  onViewed,
  comments,
  pull,
  reviewed = false,
}: {
  diff: { patch: string; truncated: boolean; files: readonly { path: string; risk: FileRisk }[] };
  viewed: ReadonlySet<string>;
  onViewed: (path: string, on: boolean) => void;
  /** Comments on lines, where they can be made. */
  comments?: ComponentProps<typeof DiffFile>['comments'];
  /** The pull request that brings the lines. */
  pull?: { id: string; head_sha: string };
  /** The viewer has given a verdict on an older state. */
  reviewed?: boolean;
}) {
  const [order] = usePreference('files');
  const [shown] = usePreference('sources');
  const sources = useLineSources(shown === 'shown' ? pull : undefined);
  const tree = useMemo(() => {
    const risks = new Map(diff.files.map(({ path, risk }) => [path, risk]));
    const files = parsePatch(diff.patch).map((file) => ({ ...file, risk: risks.get(file.path) ?? noRisk }));
    return order === 'risk' ? flat(byRisk(files)) : fileTree(files);
  }, [diff.patch, diff.files, order]);
  const files = useMemo(() => filesOf(tree), [tree]);
  const [current, setCurrent] = useState<string>();
  const prefix = useId();
  const anchor = useCallback((path: string) => `${prefix}${path}`, [prefix]);
  const go = (path: string | undefined) => {
    if (path === undefined) return;
    setCurrent(path);
    const target = document.getElementById(anchor(path));
    target?.scrollIntoView();
    target?.querySelector('button')?.focus({ preventScroll: true });
  };
  const at = files.findIndex(({ path }) => path === current);
  useKey('j', () => go(files[at + 1]?.path));
  useKey('k', () => go(files[at - 1]?.path));
  useKey('v', () => current !== undefined && onViewed(current, !viewed.has(current)));
  const read = files.filter(({ path }) => viewed.has(path)).length;
  return (
    <div className="space-y-3">
      <ReviewToolbar sources={pull !== undefined} reviewed={reviewed} />
      <CommandError error={sources.error} />
      {files.length === 0 ? (
        <Empty title="No files changed" />
      ) : (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[16rem_minmax(0,1fr)]">
          <nav
            aria-label="Changed files"
            className="rounded-lg border bg-card lg:sticky lg:top-16 max-h-72 overflow-y-auto lg:max-h-[calc(100dvh-5rem)]"
          >
            <p className="flex justify-between border-b px-3 py-2 text-xs text-muted">
              <span>
                <span className="figures">{read}</span> of <span className="figures">{files.length}</span> viewed
              </span>
              <span className="hidden lg:inline">
                <kbd>j</kbd> <kbd>k</kbd> <kbd>v</kbd>
              </span>
            </p>
            <div className="p-1">
              <FileList tree={tree} current={current} viewed={viewed} anchor={anchor} onGo={go} />
            </div>
          </nav>
          <div className="min-w-0 space-y-3">
            {files.map((file) => (
              <DiffFile
                key={file.path}
                id={anchor(file.path)}
                file={file}
                risk={file.risk}
                viewed={viewed.has(file.path)}
                onViewed={(on) => onViewed(file.path, on)}
                comments={comments}
                sources={shown === 'shown' ? sources.byPath.get(file.path) : undefined}
                onOpen={sources.load}
              />
            ))}
            {diff.truncated && (
              <p className="text-xs text-muted">The change is too large to show in full. See the rest on the branch.</p>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
