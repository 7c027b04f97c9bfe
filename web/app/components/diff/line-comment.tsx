import { MessageSquarePlus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../button.tsx';
import { TextArea } from '../field.tsx';

export interface LineComments {
  comments: { path: string; line: number; body: string }[];
  put: (comment: { path: string; line: number; body: string }) => void;
}

/** In the corner of the line number; visible on hover and on keyboard focus. */
export function CommentButton({ line, path, onClick }: { line: number; path: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={`Comment on line ${line} of ${path}`}
      onClick={onClick}
      className="absolute inset-y-0 right-0 flex w-6 items-center justify-center rounded-sm bg-ink text-on-ink opacity-0 group-hover/line:opacity-100 focus-visible:opacity-100"
    >
      <MessageSquarePlus aria-hidden className="size-3" />
    </button>
  );
}

export const commentAt = (comments: LineComments | undefined, path: string, line: number | null) =>
  line === null ? undefined : comments?.comments.find((one) => one.path === path && one.line === line);

/** Below a line: its comment, or the form to write one. */
export function CommentRow({
  columns,
  line,
  path,
  comments,
  writing,
  onWrite,
}: {
  columns: number;
  line: number;
  path: string;
  comments: LineComments;
  writing: boolean;
  onWrite: (line: number | undefined) => void;
}) {
  const body = commentAt(comments, path, line)?.body;
  return (
    <tr>
      <td colSpan={columns} className="border-y bg-card px-3 py-2 font-sans">
        {writing ? (
          <CommentForm
            body={body ?? ''}
            onPut={(text) => {
              comments.put({ path, line, body: text });
              onWrite(undefined);
            }}
            onCancel={() => onWrite(undefined)}
          />
        ) : (
          <p className="flex items-start justify-between gap-3 text-sm">
            <span className="whitespace-pre-wrap">{body}</span>
            <Button size="sm" look="quiet" onClick={() => onWrite(line)}>
              Change
            </Button>
          </p>
        )}
      </td>
    </tr>
  );
}

function CommentForm({ body, onPut, onCancel }: { body: string; onPut: (body: string) => void; onCancel: () => void }) {
  const [text, setText] = useState(body);
  return (
    <form
      className="max-w-xl space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        onPut(text);
      }}
    >
      <TextArea
        aria-label="Comment"
        rows={2}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onCancel()}
      />
      <div className="flex gap-2">
        <Button size="sm" type="submit" look="primary">
          {body && !text.trim() ? 'Remove' : 'Add to the review'}
        </Button>
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
