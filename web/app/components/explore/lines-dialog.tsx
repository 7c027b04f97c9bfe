import { useEffect, useRef } from 'react';
import { readLines } from '#server/contracts/explore.ts';
import { shortId } from '../../lib/format.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Skeleton } from '../skeleton.tsx';

export interface WantedLines {
  path: string;
  line: number;
  end: number;
  sha: string | undefined;
}

/** Lines of a file at a commit, with the wanted ones marked. */
export function LinesDialog({
  projectId,
  wanted,
  onClose,
}: {
  projectId: string;
  wanted: WantedLines;
  onClose: () => void;
}) {
  const { path, line, end, sha } = wanted;
  const { answer, error } = useAnswer(readLines, { params: { id: projectId }, query: { path, line, sha } });
  const marked = useRef<HTMLTableRowElement>(null);
  useEffect(() => marked.current?.scrollIntoView({ block: 'center' }), [answer]);
  const lines = answer?.text.split('\n') ?? [];
  const last = answer ? answer.first + lines.length - 1 : 0;
  return (
    <Dialog open onClose={onClose} title={path} wide>
      {answer && (
        <>
          <p className="mb-2 text-xs text-muted">
            Lines {answer.first} to {last} of {answer.total}, at commit{' '}
            <span className="figures">{shortId(answer.base_sha)}</span>
          </p>
          <div
            tabIndex={0}
            role="group"
            aria-label={`Lines of ${path}`}
            className="max-h-[60vh] overflow-auto rounded-md border bg-card"
          >
            <table className="figures w-full text-xs leading-5">
              <tbody>
                {lines.map((text, at) => {
                  const number = answer.first + at;
                  const isWanted = line > 1 || end > 1 ? number >= line && number <= end : false;
                  return (
                    <tr
                      key={number}
                      ref={number === line ? marked : undefined}
                      aria-current={isWanted || undefined}
                      className={isWanted ? 'bg-warn-soft' : ''}
                    >
                      <th scope="row" className="px-2 text-right align-top font-normal text-muted select-none">
                        {number}
                      </th>
                      <td className="pr-3 whitespace-pre">{text}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </>
      )}
      <CommandError error={error} />
      {!answer && !error && <Skeleton />}
    </Dialog>
  );
}
