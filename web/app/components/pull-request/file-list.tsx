import { Check, Folder as FolderIcon } from 'lucide-react';
import type { FileRisk } from '#workflows/domain/merge/risk.ts';
import type { Folder } from '../../lib/file-tree.ts';
import type { PatchFile } from '../../lib/patch.ts';
import { DiffStat } from '../diff/diff-stat.tsx';

export type ReviewedFile = PatchFile & { risk: FileRisk };

interface FileListProps {
  tree: Folder<ReviewedFile>;
  current: string | undefined;
  viewed: ReadonlySet<string>;
  anchor: (path: string) => string;
  onGo: (path: string) => void;
}

const riskLooks = { high: 'text-bad', medium: 'text-warn', low: '' };

/** The changed files by folder. */
export function FileList({ tree, ...rest }: FileListProps) {
  return (
    <ul>
      {tree.folders.map((folder) => (
        <li key={folder.name}>
          <p className="figures flex min-h-7 items-center gap-2 px-2 text-xs text-muted">
            <FolderIcon aria-hidden className="size-3.5 shrink-0" />
            <span className="min-w-0 truncate" title={folder.name}>
              {folder.name}
            </span>
          </p>
          <div className="pl-3">
            <FileList tree={folder} {...rest} />
          </div>
        </li>
      ))}
      {tree.files.map(({ name, file }) => (
        <li key={file.path}>
          <FileLink name={name} file={file} {...rest} />
        </li>
      ))}
    </ul>
  );
}

function FileLink({
  name,
  file: { path, risk, added, removed },
  current,
  viewed,
  anchor,
  onGo,
}: { name: string; file: ReviewedFile } & Omit<FileListProps, 'tree'>) {
  return (
    <a
      href={`#${anchor(path)}`}
      onClick={(event) => {
        event.preventDefault();
        onGo(path);
      }}
      aria-current={path === current ? 'true' : undefined}
      className={`flex min-h-8 items-center gap-2 rounded-md px-2 text-xs hover:bg-hover ${path === current ? 'bg-hover' : ''}`}
    >
      {viewed.has(path) ? (
        <Check aria-label="viewed" className="size-3.5 shrink-0 text-good" />
      ) : (
        <span className="size-3.5 shrink-0" />
      )}
      <span className="figures min-w-0 flex-1 truncate" title={path}>
        {name}
      </span>
      {risk.level !== 'low' && (
        <span className={riskLooks[risk.level]} title={risk.reasons.join(', ')}>
          {risk.level}
          <span className="sr-only"> risk</span>
        </span>
      )}
      <DiffStat added={added} removed={removed} />
    </a>
  );
}
