import { useToast } from '../toast.tsx';
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
  const toast = useToast();
  const put = useCallback(
    (comment: LineComment) => {
      const same = (one: LineComment) => one.path === comment.path && one.line === comment.line;
      const set = (next?: LineComment) =>
        setComments((known) => [...known.filter((one) => !same(one)), ...(next ? [next] : [])]);
      const before = comments.find(same);
      const kept = comment.body.trim() !== '';
      set(kept ? comment : undefined);
      if (before && !kept) toast('Comment removed', () => set(before));
    },
    [comments, toast],
  );
  const clear = useCallback(() => setComments([]), []);
  return (
    <DraftContext.Provider value={useMemo(() => ({ comments, put, clear }), [comments, put, clear])}>
      {children}
    </DraftContext.Provider>
  );
}

export const useDraft = () => useContext(DraftContext);
