import { Link } from '@remix-run/react';
import { useState } from 'react';
import { duration } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { text } from '../../lib/tool-calls.ts';
import { isLive } from '../../lib/status.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { Empty } from '../card.tsx';
import { Segments } from '../field.tsx';

interface Bar {
  from: number;
  to: number;
  look: 'wait' | 'model' | 'call' | 'error';
  label: string;
}
interface Lane {
  turn: number;
  name: string;
  bars: Bar[];
}

const looks: Record<Bar['look'], string> = {
  wait: 'hatched',
  model: 'bg-info-fill',
  call: 'bg-good-fill',
  error: 'bg-bad-fill',
};
const zooms = [1, 4, 16] as const;
const time = (at: string | null | undefined) => (at ? Date.parse(at) : undefined);

/** A lane for each turn, and for each of its calls. */
function lanesOf(turns: RunStream['turns'], now: number): Lane[] {
  return turns.flatMap((turn) => {
    const from = time(turn.started_at) ?? now;
    const answered = time(turn.answered_at) ?? time(turn.ended_at) ?? now;
    const waited = turn.waited_ms ?? 0;
    const model: Lane = {
      turn: turn.turn,
      name: `Turn ${turn.turn}`,
      bars: [
        ...(waited > 0
          ? [{ from: from - waited, to: from, look: 'wait', label: `waited ${duration(waited)}` } as const]
          : []),
        { from, to: answered, look: 'model', label: `the model answers, ${duration(answered - from)}` },
      ],
    };
    const calls = turn.tool_calls.map((call): Lane => {
      const begin = time(call.started_at) ?? answered;
      const end = time(call.ended_at) ?? (call.status === 'done' ? begin : now);
      const failed = call.is_error || (call.exit_code ?? 0) !== 0;
      const subject = text(call, 'command') || text(call, 'path');
      return {
        turn: turn.turn,
        name: call.name,
        bars: [
          ...(begin - answered > 1000
            ? [{ from: answered, to: begin, look: 'wait', label: `waited ${duration(begin - answered)}` } as const]
            : []),
          {
            from: begin,
            to: end,
            look: failed ? 'error' : 'call',
            label: `${call.name}${subject ? ` ${subject.slice(0, 80)}` : ''}, ${duration(end - begin)}${failed ? ', failed' : ''}`,
          },
        ],
      };
    });
    return [model, ...calls];
  });
}

/** When the turns and their calls ran, and what they waited for. */
export function TimelineTab({ run, turns }: Pick<RunStream, 'run' | 'turns'>) {
  const [zoom, setZoom] = useState<(typeof zooms)[number]>(1);
  const clock = useNow();
  const now = isLive(run.status) ? clock : (time(run.ended_at) ?? clock);
  const lanes = lanesOf(turns, now);
  if (lanes.length === 0) return <Empty title="No turn yet">Turns and their calls appear here with their times.</Empty>;
  const begin = Math.min(...lanes.flatMap(({ bars }) => bars.map(({ from }) => from)));
  const end = Math.max(begin + 1, ...lanes.flatMap(({ bars }) => bars.map(({ to }) => to)));
  const share = (at: number) => ((at - begin) / (end - begin)) * 100;
  return (
    <div className="space-y-3 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-3 text-xs text-muted">
        <span>
          <span className="figures">{duration(end - begin)}</span> in all.{' '}
          <span className="whitespace-nowrap">Blue: the model, green: a call, red: a call that failed,</span> hatched:
          waiting.
        </span>
        <Segments
          label="Zoom"
          chosen={String(zoom)}
          onChoose={(value) => setZoom(zooms.find((one) => String(one) === value) ?? 1)}
          options={zooms.map((value) => ({ value: String(value), label: `${value}×` }))}
        />
      </div>
      <div
        className="max-h-[36rem] overflow-auto rounded-md border bg-card"
        tabIndex={0}
        role="group"
        aria-label="Timeline"
      >
        <ol style={{ width: `${zoom * 100}%` }} className="min-w-full py-1">
          {lanes.map((lane, index) => (
            <li key={index} className="flex h-6 items-center gap-2 px-2 hover:bg-hover">
              <Link
                to={{ search: '', hash: `#turn-${lane.turn}` }}
                aria-label={`${lane.name}: ${lane.bars.map(({ label }) => label).join(', ')}`}
                className={`sticky left-2 z-10 w-20 shrink-0 truncate bg-card text-xs hover:underline ${lane.name.startsWith('Turn ') ? 'font-medium' : 'pl-2 text-muted'}`}
              >
                {lane.name}
              </Link>
              <span aria-hidden className="relative h-3 min-w-0 flex-1">
                {lane.bars.map((bar) => (
                  <span
                    key={bar.from}
                    title={bar.label}
                    className={`absolute inset-y-0 min-w-0.5 rounded-sm ${looks[bar.look]}`}
                    style={{ left: `${share(bar.from)}%`, width: `${share(bar.to) - share(bar.from)}%` }}
                  />
                ))}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
