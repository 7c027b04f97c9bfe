import { Fragment, useState } from 'react';
import { MessageSquarePlus } from 'lucide-react';
import type { PatchLine } from '../../lib/patch.ts';
import { Button } from '../button.tsx';
import { TextArea } from '../field.tsx';

export interface LineComments {
  comments: { path: string; line: number; body: string }[];
  put: (comment: { path: string; line: number; body: string }) => void;
}

const looks = {
  insert: { row: 'bg-good-soft', sign: '+', mark: 'text-good', word: 'added' },
  delete: { row: 'bg-bad-soft', sign: '−', mark: 'text-bad', word: 'removed' },
  normal: { row: '', sign: ' ', mark: 'text-muted', word: '' },
} as const;

interface DiffLinesProps {
  lines: PatchLine[];
  label: string;
  /** Whether the lines' places in the file are known. */
  numbered?: boolean;
  path?: string;
  comments?: LineComments;
}

/** Lines of a change; long ones scroll inside the box. Lines of the new text can be commented where that is possible. */
export function DiffLines({ lines, label, numbered = true, path = '', comments }: DiffLinesProps) {
  const [writing, setWriting] = useState<number>();
  return (
    <div tabIndex={0} role="group" aria-label={label} className="overflow-x-auto font-mono text-xs leading-5">
      <table className="min-w-full border-collapse">
        <tbody>
          {lines.map((line, index) => {
            const look = looks[line.type];
            const comment = line.now === null ? undefined : comments?.comments.find((one) => one.path === path && one.line === line.now);
            return (
              <Fragment key={index}>
                <tr className={`group/line ${look.row}`}>
                  {numbered && <td className="w-10 min-w-10 px-1.5 text-right align-top text-muted select-none">{line.old ?? ''}</td>}
                  {numbered && (
                    <td className="relative w-10 min-w-10 border-r px-1.5 text-right align-top text-muted select-none">
                      {line.now ?? ''}
                      {comments && line.now !== null && <button type="button" aria-label={`Comment on line ${line.now} of ${path}`} onClick={() => setWriting(line.now ?? undefined)} className="absolute inset-y-0 right-0 flex w-6 items-center justify-center rounded-sm bg-ink text-on-ink opacity-0 group-hover/line:opacity-100 focus-visible:opacity-100"><MessageSquarePlus aria-hidden className="size-3" /></button>}
                    </td>
                  )}
                  <td className={`w-5 px-1 text-center align-top select-none ${look.mark}`} aria-label={look.word || undefined}>{look.sign}</td>
                  <td className="pr-3 whitespace-pre">{line.text || ' '}</td>
                </tr>
                {comments && line.now !== null && (writing === line.now || comment) && (
                  <tr><td colSpan={4} className="border-y bg-card px-3 py-2 font-sans">{writing === line.now ? <CommentForm body={comment?.body ?? ''} onPut={(body) => { comments.put({ path, line: line.now ?? 0, body }); setWriting(undefined); }} onCancel={() => setWriting(undefined)} /> : <p className="flex items-start justify-between gap-3 text-sm"><span className="whitespace-pre-wrap">{comment?.body}</span><Button size="sm" look="quiet" onClick={() => setWriting(line.now ?? undefined)}>Change</Button></p>}</td></tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function CommentForm({ body, onPut, onCancel }: { body: string; onPut: (body: string) => void; onCancel: () => void }) {
  const [words, setWords] = useState(body);
  return (
    <form className="max-w-xl space-y-2" onSubmit={(event) => { event.preventDefault(); onPut(words); }}>
      <TextArea aria-label="Comment" rows={2} autoFocus value={words} onChange={(event) => setWords(event.target.value)} onKeyDown={(event) => event.key === 'Escape' && onCancel()} />
      <div className="flex gap-2"><Button size="sm" type="submit" look="primary">{body && !words.trim() ? 'Remove' : 'Keep for the review'}</Button><Button size="sm" onClick={onCancel}>Cancel</Button></div>
    </form>
  );
}
