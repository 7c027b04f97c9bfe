import { Fragment, useState } from 'react';
import type { PatchLine } from '../../lib/patch.ts';
import { CommentButton, commentAt, CommentRow, type LineComments } from './line-comment.tsx';

export const lineLooks = {
  insert: { row: 'bg-good-soft', sign: '+', mark: 'text-good', label: 'added' },
  delete: { row: 'bg-bad-soft', sign: '−', mark: 'text-bad', label: 'removed' },
  normal: { row: '', sign: ' ', mark: 'text-muted', label: '' },
} as const;

export interface DiffLinesProps {
  lines: PatchLine[];
  label: string;
  /** Whether the line numbers in the file are known. */
  numbered?: boolean;
  path?: string;
  comments?: LineComments;
}

/** Lines of a change. Long lines scroll inside the box. With a draft, lines of the new text can be commented. */
export function DiffLines({ lines, label, numbered = true, path = '', comments }: DiffLinesProps) {
  const [writing, setWriting] = useState<number>();
  return (
    <div tabIndex={0} role="group" aria-label={label} className="overflow-x-auto font-mono text-xs leading-5">
      <table className="min-w-full border-collapse">
        <tbody>
          {lines.map((line, index) => {
            const look = lineLooks[line.type];
            const { now } = line;
            return (
              <Fragment key={index}>
                <tr className={`group/line ${look.row}`}>
                  {numbered && (
                    <td className="w-10 min-w-10 px-1.5 text-right align-top text-muted select-none">
                      {line.old ?? ''}
                    </td>
                  )}
                  {numbered && (
                    <td className="relative w-10 min-w-10 border-r px-1.5 text-right align-top text-muted select-none">
                      {now ?? ''}
                      {comments && now !== null && (
                        <CommentButton line={now} path={path} onClick={() => setWriting(now)} />
                      )}
                    </td>
                  )}
                  <td
                    className={`w-5 min-w-5 px-1 text-center align-top select-none ${look.mark}`}
                    aria-label={look.label || undefined}
                  >
                    {look.sign}
                  </td>
                  <td className="pr-3 whitespace-pre">{line.text || ' '}</td>
                </tr>
                {comments && now !== null && (writing === now || commentAt(comments, path, now)) && (
                  <CommentRow
                    columns={4}
                    line={now}
                    path={path}
                    comments={comments}
                    writing={writing === now}
                    onWrite={setWriting}
                  />
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
