import { ArrowDown } from 'lucide-react';
import { useMemo, useState } from 'react';
import { plural } from '../../lib/format.ts';
import { raisesByTurn } from '../../lib/raised-limits.ts';
import { isLive } from '../../lib/status.ts';
import type { RunStream, useRunStream } from '../../lib/use-run-stream.ts';
import { useStickToBottom } from '../../lib/use-stick-to-bottom.ts';
import { Button } from '../button.tsx';
import { Empty } from '../card.tsx';
import { Dialog } from '../dialog.tsx';
import { Prose } from '../markdown.tsx';
import { GuardianNote } from './guardian-note.tsx';
import { LimitsRaised } from './limits-raised.tsx';
import { MessageCard } from './message-card.tsx';
import { RunEnd } from './run-end.tsx';
import { ForkForm } from './run-header.tsx';
import { TurnCard } from './turn-card.tsx';

const none: RunStream['messages'] = [];

function byTurn(messages: RunStream['messages']): Map<number | null, RunStream['messages']> {
  const turns = new Map<number | null, RunStream['messages']>();
  for (const message of messages)
    turns.set(message.delivered_at_turn, [...(turns.get(message.delivered_at_turn) ?? []), message]);
  return turns;
}

/** The run by turn: text, tool calls and changes, with messages and the guardian's notes between them. */
export function Stream({ stream }: { stream: ReturnType<typeof useRunStream> }) {
  const { run, turns, messages, analyses, interventions, raises, draft } = stream;
  const live = isLive(run.status);
  const [loading, setLoading] = useState(false);
  const calls = turns.at(-1)?.tool_calls.filter((call) => call.status === 'done').length ?? 0;
  const { unseen, toBottom } = useStickToBottom(
    turns.length,
    `${turns.at(-1)?.turn}.${calls}.${draft?.text.length ?? 0}.${messages.length}.${run.status}`,
    live,
  );
  const first = turns[0]?.turn ?? 1;
  const [forking, setForking] = useState<number>();
  const delivered = useMemo(() => byTurn(messages), [messages]);
  const raised = useMemo(() => raisesByTurn(turns, raises), [turns, raises]);
  const waiting = messages.filter((message) => message.delivered_at_turn === null);
  return (
    <div className="pt-4">
      {first > 1 && (
        <div className="mb-4 text-center">
          <Button
            size="sm"
            busy={loading}
            onClick={async () => {
              setLoading(true);
              await stream.earlier().finally(() => setLoading(false));
            }}
          >
            Show earlier turns
          </Button>
          <p className="mt-1 text-xs text-muted">{plural(first - 1, 'turn')} before</p>
        </div>
      )}
      {first === 1 && raised.get(0)?.map((raise) => <LimitsRaised key={raise.seq} raise={raise} />)}
      <ol className="space-y-5" aria-label="Turns">
        {turns.map((turn) => (
          <li key={turn.turn} id={`turn-${turn.turn}`} className="lazy-paint scroll-mt-16 space-y-3">
            {(delivered.get(turn.turn) ?? none).map((message) => (
              <MessageCard key={message.id} message={message} runId={run.id} onChange={stream.refresh} live={live} />
            ))}
            <TurnCard turn={turn} runId={run.id} messages={delivered.get(turn.turn) ?? none} onFork={setForking} />
            {analyses
              .filter((analysis) => analysis.turn === turn.turn)
              .reverse()
              .map((analysis) => (
                <GuardianNote
                  key={analysis.id}
                  analysis={analysis}
                  intervention={interventions.find((one) => one.analysis_id === analysis.id)}
                />
              ))}
            {raised.get(turn.turn)?.map((raise) => (
              <LimitsRaised key={raise.seq} raise={raise} />
            ))}
          </li>
        ))}
      </ol>
      {turns.length === 0 && !draft && (
        <Empty title={live ? 'The first turn is running' : 'This run ended before its first turn'}>
          {live && (run.waiting_reason ?? 'Text and tool calls of the agent appear here as they happen.')}
        </Empty>
      )}
      {draft && (
        <div className="mt-5 border-l-2 border-gold-deep pl-3" aria-label="Turn in progress">
          <p className="mb-1 text-xs text-muted">
            Turn <span className="figures">{draft.turn}</span>, in progress
          </p>
          <Prose text={draft.text} className="max-w-[700px] text-soft" />
        </div>
      )}
      {waiting.length > 0 && (
        <div className="mt-5 space-y-3">
          {waiting.map((message) => (
            <MessageCard key={message.id} message={message} runId={run.id} onChange={stream.refresh} live={live} />
          ))}
        </div>
      )}
      {live ? (
        <p className="mt-4 flex items-center gap-2 text-xs text-muted" role="status">
          {run.status === 'running' && (
            <>
              <span aria-hidden className="size-2 animate-working rounded-full bg-gold-deep" />
              {doing(stream)}
            </>
          )}
        </p>
      ) : (
        <RunEnd run={run} />
      )}
      <Dialog open={forking !== undefined} onClose={() => setForking(undefined)} title={`Fork after turn ${forking}`}>
        <ForkForm run={run} turn={forking ?? run.turn} onClose={() => setForking(undefined)} />
      </Dialog>
      {unseen > 0 && (
        <div className="sticky bottom-44 z-10 mt-2 text-center md:bottom-32">
          <Button look="primary" size="sm" onClick={toBottom} className="shadow-pop">
            <ArrowDown aria-hidden className="size-3.5" /> {unseen} new
          </Button>
        </div>
      )}
    </div>
  );
}

/** The current activity, from the newest turn: a tool call that runs, else the model. */
function doing({ turns, run }: ReturnType<typeof useRunStream>): string {
  const running = turns.at(-1)?.tool_calls.find((call) => call.status !== 'done');
  return running
    ? `Running ${running.name}`
    : run.turn === 0
      ? 'The model is reading its task'
      : 'The model is thinking';
}
