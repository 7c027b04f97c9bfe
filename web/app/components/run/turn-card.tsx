import { memo, useState } from 'react';
import { GitFork } from 'lucide-react';
import { runDiff } from '#server/contracts/runs.ts';
import type { ApiError } from '#server/contracts/client.ts';
import { type Answer } from '#server/contracts/client.ts';
import { asApiError, call as ask } from '../../lib/browser-api.ts';
import { compact, duration, money, plural } from '../../lib/format.ts';
import { textsIn, thinkingIn, notesIn, type Turn } from '../../lib/tool-calls.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { DiffStat } from '../diff/diff-stat.tsx';
import { PatchView } from '../diff/patch-view.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { Prose } from '../markdown.tsx';
import { Clock } from '../time.tsx';
import { ToolCard } from './tool-card.tsx';

/** A shorter wait is part of an ordinary turn. */
const shownWaitMs = 1000;

/** One turn: the model's input, thinking and text, its tool calls, and the changes they made. */
export const TurnCard = memo(function TurnCard({
  turn,
  runId,
  messages,
  onFork,
}: {
  turn: Turn;
  runId: string;
  /** The messages that this turn delivered. */ messages: RunStream['messages'];
  onFork: (turn: number) => void;
}) {
  const lacks = useLacks('task:write');
  const took = Date.parse(turn.ended_at) - Date.parse(turn.started_at);
  const first = turn.first_token_ms === null ? '' : `; its first words came after ${duration(turn.first_token_ms)}`;
  const notes = notesIn(turn, messages);
  return (
    <article aria-label={`Turn ${turn.turn}`} className="group space-y-2">
      <header className="flex h-6 items-center gap-3 text-xs text-muted">
        <h2 className="font-medium text-soft">
          Turn <span className="figures">{turn.turn}</span>
        </h2>
        <Clock at={turn.started_at} />
        <span className="figures hidden sm:inline" title={`Time of the model's answer${first}`}>
          {duration(took)}
        </span>
        {turn.waited_ms !== null && turn.waited_ms >= shownWaitMs && (
          <span className="figures text-warn" title="Time before it: for a slot, for money or for the provider">
            waited {duration(turn.waited_ms)}
          </span>
        )}
        <span className="figures">{money(turn.cost_micros)}</span>
        <span className="figures hidden sm:inline" title="Tokens written by the model">
          {compact(turn.usage.output_tokens)} out
        </span>
        <span aria-hidden className="h-px min-w-2 flex-1 bg-line" />
        <Button
          size="sm"
          look="quiet"
          because={lacks}
          title={`Start a new run from the files and conversation after turn ${turn.turn}`}
          onClick={() => onFork(turn.turn)}
          className="!h-6"
        >
          <GitFork aria-hidden className="size-3.5" /> Fork<span className="sr-only"> after turn {turn.turn}</span>
        </Button>
      </header>
      {notes.length > 0 && (
        <Fold
          className="rounded-md border bg-side text-sm"
          summaryClass="px-3 py-1.5 text-xs text-muted hover:text-text"
          summary={turn.turn === 1 ? 'Its task and context' : 'Message from the platform'}
        >
          {() => (
            <div className="max-h-96 space-y-3 overflow-y-auto border-t px-3 py-2" tabIndex={0}>
              {notes.map((text, index) => (
                <Prose key={index} text={text} />
              ))}
            </div>
          )}
        </Fold>
      )}
      {thinkingIn(turn).map((thought, index) => (
        <details key={index} className="border-l-2 pl-3 text-sm text-muted">
          <summary className="text-xs hover:text-text">Thinking</summary>
          <p className="mt-1 max-w-[700px] whitespace-pre-wrap">{thought}</p>
        </details>
      ))}
      {textsIn(turn).map((text, index) => (
        <Prose key={index} text={text} className="max-w-[700px]" />
      ))}
      {turn.tool_calls.map((call) => (
        <ToolCard key={call.tool_use_id} call={call} />
      ))}
      {turn.files_changed.length > 0 && <TurnChanges turn={turn} runId={runId} />}
    </article>
  );
});

/** The turn's changes to files, loaded when opened. */
function TurnChanges({ turn, runId }: { turn: Turn; runId: string }) {
  const [diff, setDiff] = useState<Answer<typeof runDiff>>();
  const [error, setError] = useState<ApiError>();
  const [open, setOpen] = useState(false);
  const added = turn.files_changed.reduce((sum, file) => sum + file.lines_added, 0);
  const removed = turn.files_changed.reduce((sum, file) => sum + file.lines_removed, 0);
  const toggle = async () => {
    setOpen(!open);
    if (diff || open) return;
    setError(undefined);
    try {
      setDiff(await ask(runDiff, { params: { id: runId }, query: { turn: turn.turn } }));
    } catch (caught) {
      setError(asApiError(caught));
    }
  };
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Button size="sm" aria-expanded={open} busy={open && !diff && !error} onClick={() => void toggle()}>
          Diff of this turn
        </Button>
        <span>{plural(turn.files_changed.length, 'file')}</span>
        <DiffStat added={added} removed={removed} />
        <span className="figures min-w-0 truncate">{turn.files_changed.map((file) => file.path).join('  ')}</span>
      </div>
      {open && <CommandError error={error} />}
      {open && diff && <PatchView patch={diff.patch} truncated={diff.truncated} />}
    </div>
  );
}
