import { useMemo } from 'react';
import { parsePatch } from '../../lib/patch.ts';
import { Empty } from '../card.tsx';
import { DiffFile } from './diff-file.tsx';

/** A whole patch, file by file. */
export function PatchView({ patch, truncated }: { patch: string; truncated: boolean }) {
  const files = useMemo(() => parsePatch(patch), [patch]);
  if (files.length === 0) return <Empty title="No files changed" />;
  return (
    <div className="space-y-3">
      {files.map((file) => (
        <DiffFile key={file.path} file={file} />
      ))}
      {truncated && (
        <p className="text-xs text-muted">The change is too large to show in full. See the rest on the branch.</p>
      )}
    </div>
  );
}
