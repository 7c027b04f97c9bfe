import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';

export interface LineComment {
  path: string;
  line: number;
  body: string;
}

interface ReviewDraft {
  comments: LineComment[];
  /** Adds or changes the comment on a line; an empty text removes it. */
  put: (comment: LineComment) => void;
  clear: () => void;
}

const DraftContext = createContext<ReviewDraft>({ comments: [], put: () => undefined, clear: () => undefined });

/** Keeps comments on lines until they are sent with the request for changes. */
export function DraftProvider({ children }: { children: ReactNode }) {
  const [comments, setComments] = useState<LineComment[]>([]);
  const put = useCallback(
    (comment: LineComment) =>
      setComments((known) => [
        ...known.filter((one) => one.path !== comment.path || one.line !== comment.line),
        ...(comment.body.trim() ? [comment] : []),
      ]),
    [],
  );
  const clear = useCallback(() => setComments([]), []);
  return (
    <DraftContext.Provider value={useMemo(() => ({ comments, put, clear }), [comments, put, clear])}>
      {children}
    </DraftContext.Provider>
  );
}

export const useDraft = () => useContext(DraftContext);
