import { lazy, Suspense, useEffect, useState } from 'react';
import { commandOutput, text } from '../../lib/tool-calls.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { Empty } from '../card.tsx';
import { Skeleton } from '../skeleton.tsx';

// Only this tab needs it, and it is large. It needs a browser.
const Screen = lazy(() => import('./terminal-screen.tsx'));

const loading = <Skeleton rows={8} label="Loading the terminal" />;

export interface Command {
  id: string;
  turn: number;
  command: string;
  /** What it printed; null while it runs. */
  output: string | null;
  exit_code: number | null;
}

const commandsOf = (turns: RunStream['turns']): Command[] =>
  turns.flatMap(({ turn, tool_calls: calls }) =>
    calls
      .filter(({ name }) => name === 'bash')
      .map((call) => ({
        id: call.tool_use_id,
        turn,
        command: text(call, 'command'),
        output: call.status === 'done' ? commandOutput(call.result ?? '').output : null,
        exit_code: call.exit_code,
      })),
  );

/** The commands of the run with what they printed, as a terminal shows them. Nothing can be typed. */
export function TerminalTab({ turns }: { turns: RunStream['turns'] }) {
  const [drawn, setDrawn] = useState(false);
  useEffect(() => setDrawn(true), []);
  const commands = commandsOf(turns);
  if (commands.length === 0) return <Empty title="No command has run yet">Commands of the agent appear here.</Empty>;
  const first = turns[0]?.turn ?? 1;
  return (
    <div className="space-y-2 pt-4">
      {first > 1 && (
        <p className="text-xs text-muted">
          From turn <span className="figures">{first}</span> on. The tab Stream loads earlier turns.
        </p>
      )}
      {drawn ? (
        <Suspense fallback={loading}>
          <Screen commands={commands} />
        </Suspense>
      ) : (
        loading
      )}
    </div>
  );
}
