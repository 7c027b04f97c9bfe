import { useNavigate } from '@remix-run/react';
import { useState } from 'react';
import { askQuestion, startConversation } from '#server/contracts/explore.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { CommandForm } from '../command-form.tsx';
import { TextArea } from '../field.tsx';

/** Asks in a conversation, or begins one. After a refusal the question stays. */
export function AskForm({
  projectId,
  conversationId,
  suggestions,
}: {
  projectId: string;
  conversationId: string | undefined;
  /** Shown while there is no conversation. */ suggestions: string[];
}) {
  const [words, setWords] = useState('');
  const begin = useCommand(startConversation);
  const next = useCommand(askQuestion);
  const lacks = useLacks('document:write');
  const navigate = useNavigate();
  const ask = async () => {
    const body = { question: words };
    if (conversationId) {
      const done = await next.run({ params: { id: projectId, conversation_id: conversationId }, body });
      if (done) setWords('');
      return done;
    }
    const made = await begin.run({ params: { id: projectId }, body });
    if (!made) return undefined;
    setWords('');
    navigate(`?c=${made.id}`);
    return made;
  };
  return (
    <div className="space-y-3">
      <CommandForm command={conversationId ? next : begin} act="Ask" because={lacks} onSubmit={ask}>
        <label className="sr-only" htmlFor="question">
          Question about the code
        </label>
        <TextArea
          id="question"
          rows={3}
          required
          minLength={3}
          maxLength={4000}
          disabled={lacks !== undefined}
          value={words}
          placeholder="Ask about this code: where something is, how it works, what uses it."
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      </CommandForm>
      {suggestions.length > 0 && (
        <ul aria-label="Suggestions from this repository" className="flex flex-wrap gap-2">
          {suggestions.map((question) => (
            <li key={question}>
              <button
                type="button"
                disabled={lacks !== undefined}
                className="min-h-8 rounded-md border border-line-strong bg-card px-2.5 py-1 text-left text-xs break-words hover:bg-hover disabled:opacity-50 pointer-coarse:min-h-11"
                onClick={() => setWords(question)}
              >
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
