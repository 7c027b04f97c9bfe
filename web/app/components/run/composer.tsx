import { ArrowUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { sendMessage, steerRun } from '#server/contracts/runs.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Select } from '../field.tsx';
import { useKey } from '../shell/use-shortcuts.ts';

const kinds = [
  { id: 'user_message', label: 'Message', hint: 'delivered after the current tool call' },
  { id: 'refocus', label: 'Refocus', hint: 'back to the goal, after the current tool call' },
  { id: 'redirect', label: 'Redirect', hint: 'a different approach, after the current tool call' },
  { id: 'constraint', label: 'Constraint', hint: 'stays in force until you lift it' },
  { id: 'interrupt', label: 'Interrupt', hint: 'stops the current tool call' },
] as const;
type Kind = (typeof kinds)[number]['id'];

/** Sends a message to a running agent. Enter sends; the stream shows when it is delivered. `s` focuses the field. */
export function Composer({ run, onSent }: { run: RunStream['run']; onSent: () => void }) {
  const lacks = useLacks('task:write');
  const send = useCommand(sendMessage);
  const steer = useCommand(steerRun);
  const field = useRef<HTMLTextAreaElement>(null);
  const [kind, setKind] = useState<Kind>('user_message');
  const [message, setMessage] = useState('');
  const busy = send.busy || steer.busy;
  useKey('s', () => field.current?.focus());
  const submit = async () => {
    if (message.trim() === '' || busy) return;
    const params = { id: run.id };
    const sent =
      kind === 'user_message' || kind === 'interrupt'
        ? await send.run({ params, body: { kind, content: message } })
        : await steer.run({ params, body: { kind, message } });
    if (!sent) return;
    setMessage('');
    onSent();
  };
  return (
    <form
      className="sticky bottom-16 z-10 mt-4 rounded-lg border border-field bg-card shadow-pop has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:outline-focus md:bottom-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <textarea
        ref={field}
        aria-label="Steer the agent"
        rows={1}
        maxLength={20_000}
        disabled={lacks !== undefined}
        value={message}
        onChange={(event) => setMessage(event.target.value)}
        placeholder={lacks ?? 'Steer the agent'}
        className="block field-sizing-content max-h-40 w-full resize-none rounded-t-lg bg-transparent px-3 pt-2.5 pb-1 text-sm outline-none"
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void submit();
        }}
      />
      <div className="flex items-center gap-2 px-2 pb-2">
        <Select
          aria-label="Kind of message"
          value={kind}
          onChange={(event) => setKind(kinds.find(({ id }) => id === event.target.value)?.id ?? 'user_message')}
          className="!h-7 !w-auto text-xs"
        >
          {kinds.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
        <span className="hidden min-w-0 truncate text-xs text-muted sm:inline">
          {kinds.find(({ id }) => id === kind)?.hint}
        </span>
        <Button
          type="submit"
          look="primary"
          size="sm"
          busy={busy}
          because={lacks}
          disabled={message.trim() === ''}
          className="ml-auto"
        >
          <ArrowUp aria-hidden className="size-3.5" /> Send
        </Button>
      </div>
      <div className="px-3 pb-2 empty:hidden">
        <CommandError error={send.error ?? steer.error} />
      </div>
    </form>
  );
}
