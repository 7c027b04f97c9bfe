import { Fragment, useMemo, useState, type ReactNode } from 'react';
import { sideBySide, type PatchLine } from '../../lib/patch.ts';
import { lineLooks, type DiffLinesProps } from './diff-lines.tsx';
import { CommentButton, commentAt, CommentRow } from './line-comment.tsx';

/** The old text on the left, the new text on the right. Long lines wrap. */
export function SplitLines({ lines, label, path = '', comments }: Omit<DiffLinesProps, 'numbered'>) {
  const [writing, setWriting] = useState<number>();
  const rows = useMemo(() => sideBySide(lines), [lines]);
  return (
    <div tabIndex={0} role="group" aria-label={label} className="font-mono text-xs leading-5">
      <table className="w-full table-fixed border-collapse">
        <colgroup>
          <col className="w-10" />
          <col className="w-5" />
          <col />
          <col className="w-10" />
          <col className="w-5" />
          <col />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="colgroup" colSpan={3}>
              Before
            </th>
            <th scope="colgroup" colSpan={3}>
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ left, right }, index) => {
            const now = right?.now ?? null;
            return (
              <Fragment key={index}>
                <tr className="group/line">
                  <Side line={left} number={left?.old} />
                  <Side line={right} number={now} divided>
                    {comments && now !== null && (
                      <CommentButton line={now} path={path} onClick={() => setWriting(now)} />
                    )}
                  </Side>
                </tr>
                {comments && now !== null && (writing === now || commentAt(comments, path, now)) && (
                  <CommentRow
                    columns={6}
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

function Side({
  line,
  number,
  divided = false,
  children,
}: {
  line: PatchLine | null;
  number: number | null | undefined;
  divided?: boolean;
  children?: ReactNode;
}) {
  const edge = divided ? 'border-l' : '';
  if (!line)
    return (
      <>
        <td className={`bg-side ${edge}`} />
        <td className="bg-side" />
        <td className="bg-side" />
      </>
    );
  const look = lineLooks[line.type];
  return (
    <>
      <td className={`relative px-1.5 text-right align-top text-muted select-none ${look.row} ${edge}`}>
        {number ?? ''}
        {children}
      </td>
      <td
        className={`px-1 text-center align-top select-none ${look.row} ${look.mark}`}
        aria-label={look.label || undefined}
      >
        {look.sign}
      </td>
      <td className={`pr-3 align-top break-words whitespace-pre-wrap [overflow-wrap:anywhere] ${look.row}`}>
        {line.text || ' '}
      </td>
    </>
  );
}
