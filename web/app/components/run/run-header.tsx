import { useNavigate } from '@remix-run/react';
import { TextLink } from '../text-link.tsx';
import { GitFork, Pause, Play, Square } from 'lucide-react';
import { useState } from 'react';
import { forkRun, pauseRun, resumeRun, stopRun } from '#server/contracts/runs.ts';
import { compact, count, limitWithLast, money, percent } from '../../lib/format.ts';
import { alignmentTone, isLive } from '../../lib/status.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Badge, Dot, ScriptedBadge, StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Stat } from '../card.tsx';
import { CommandForm } from '../command-form.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea, TextInput } from '../field.tsx';
import { PageTitle } from '../page-title.tsx';
import { ForkResult } from './fork-result.tsx';
import { useKey } from '../shell/use-shortcuts.ts';
import { Elapsed } from '../time.tsx';
import { stoppedWithSpec, NightBadge } from '../work/night.tsx';

type Run = RunStream['run'];

export function RunHeader({ run, onChange }: { run: Run; onChange: () => void }) {
  const { usage, limits } = run;
  const number = (name: string) => (typeof limits[name] === 'number' ? (limits[name] as number) : null);
  const tokens = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return (
    <div>
      <PageTitle
        title={run.title}
        facts={
          <>
            <StatusBadge status={run.status} />
            {run.scripted && <ScriptedBadge />}
            <Badge>{run.mode}</Badge>
            {run.role && <Badge title={run.task_phase_id ? `In ${run.task_phase_id}` : undefined}>{run.role}</Badge>}
            {run.attempt > 1 && <Badge>attempt {run.attempt}</Badge>}
            {run.caller_run_id && (
              <TextLink to={`/runs/${run.caller_run_id}`} className="text-xs">
                asked by another run
              </TextLink>
            )}
            {run.continues && (
              <TextLink to={`/runs/${run.continues.run_id}`} className="text-xs">
                continues the conversation of {run.attempt > 1 ? `attempt ${run.attempt - 1}` : 'its author'}
              </TextLink>
            )}
            {number('raised_at_night_usd') && (
              <Badge tone="info" title="As its launch or this installation allows. The timeline says when.">
                Raised by {money((number('raised_at_night_usd') ?? 0) * 1e6)} at night
              </Badge>
            )}
            <NightBadge night={run.night} paused={run.status === 'paused'} />
            {run.forked_from && (
              <TextLink to={`/runs/${run.forked_from.run_id}`} className="text-xs">
                forked from turn {run.forked_from.turn}
              </TextLink>
            )}
          </>
        }
      >
        <RunControls run={run} onChange={onChange} />
      </PageTitle>
      <dl className="grid grid-cols-3 gap-x-4 gap-y-2 rounded-lg border bg-card px-4 py-2.5 sm:grid-cols-6">
        <Stat name="Turn">
          <span className="figures">
            {run.turn}
            {number('max_turns') && (
              <span className="text-muted"> / {limitWithLast(run.turn, number('max_turns') ?? 0)}</span>
            )}
          </span>
        </Stat>
        <Stat name="Cost" title="Cost of the model at list price">
          <span className="figures">
            {money(run.cost_micros)}
            {number('max_usd') && <span className="hidden text-muted xl:inline"> / ${number('max_usd')}</span>}
          </span>
        </Stat>
        <Stat name="Tokens" title={`${count(tokens)} in, ${count(usage.output_tokens)} out`}>
          <span className="figures">
            {compact(tokens)} in<span className="hidden xl:inline">, {compact(usage.output_tokens)} out</span>
          </span>
        </Stat>
        <Stat name="From cache" title="Share of the input tokens read from the prompt cache">
          <span className="figures">{run.cache_hit_rate === null ? '–' : percent(run.cache_hit_rate)}</span>
        </Stat>
        <Stat name="Alignment" title="How well the run keeps to its goal, as judged by the guardian">
          {run.alignment === null ? (
            <span className="text-muted">not judged</span>
          ) : (
            <span className="figures inline-flex items-center gap-1.5">
              <Dot tone={alignmentTone(run.alignment)} />
              {percent(run.alignment)}
            </span>
          )}
        </Stat>
        <Stat name="Time">
          {run.started_at ? (
            <Elapsed from={run.started_at} to={run.ended_at} />
          ) : (
            <span className="text-muted">not started</span>
          )}
        </Stat>
      </dl>
    </div>
  );
}

function RunControls({ run, onChange }: { run: Run; onChange: () => void }) {
  const lacks = useLacks('task:write');
  const pause = useCommand(pauseRun);
  const resume = useCommand(resumeRun);
  const stop = useCommand(stopRun);
  const [dialog, setDialog] = useState<'stop' | 'fork'>();
  const params = { id: run.id };
  const live = isLive(run.status);
  const paused = run.status === 'paused';
  const ofSpec = stoppedWithSpec(run) ? 'Resume its spec, whose night is over' : undefined;
  const press = async (command: typeof pause | typeof resume) => {
    await command.run({ params, body: {} });
    onChange();
  };
  useKey('p', live && !lacks && !ofSpec ? () => void press(paused ? resume : pause) : undefined);
  return (
    <div className="flex flex-col items-end gap-1">
      <div className="flex flex-wrap gap-2">
        {live && paused && (
          <Button
            look="primary"
            busy={resume.busy}
            because={lacks ?? ofSpec}
            onClick={() => void press(resume)}
            title="Resume (p)"
          >
            <Play aria-hidden className="size-4" /> Resume
          </Button>
        )}
        {live && !paused && (
          <Button
            busy={pause.busy}
            because={lacks}
            onClick={() => void press(pause)}
            title="Pause after the current step (p)"
          >
            <Pause aria-hidden className="size-4" /> Pause
          </Button>
        )}
        <ForkResult run={run} />
        {run.turn > 0 && (
          <Button because={lacks} onClick={() => setDialog('fork')}>
            <GitFork aria-hidden className="size-4" /> Fork
          </Button>
        )}
        {live && (
          <Button look="danger" because={lacks} onClick={() => setDialog('stop')}>
            <Square aria-hidden className="size-4" /> Stop
          </Button>
        )}
      </div>
      <CommandError error={pause.error ?? resume.error} />
      <AlertDialog
        open={dialog === 'stop'}
        onClose={() => setDialog(undefined)}
        title="Stop this run?"
        keep="Keep it running"
        act="Stop the run"
        busy={stop.busy}
        error={stop.error}
        onAct={async () => {
          if (await stop.run({ params, body: {} })) setDialog(undefined);
          onChange();
        }}
      >
        The run ends and keeps its changes. You can retry its task later.
      </AlertDialog>
      <Dialog open={dialog === 'fork'} onClose={() => setDialog(undefined)} title="Fork this run">
        <ForkForm run={run} turn={run.turn} onClose={() => setDialog(undefined)} />
      </Dialog>
    </div>
  );
}

/** Starts a new run from the files and conversation of a turn, with another instruction. This run does not change. */
export function ForkForm({ run, turn, onClose }: { run: Pick<Run, 'id' | 'turn'>; turn: number; onClose: () => void }) {
  const navigate = useNavigate();
  const fork = useCommand(forkRun);
  const [from, setFrom] = useState(turn);
  const [instruction, setInstruction] = useState('');
  const send = async () => {
    const made = await fork.run({ params: { id: run.id }, body: { turn: from, instruction } });
    if (!made) return;
    onClose();
    navigate(`/runs/${made.run_id}`);
  };
  return (
    <CommandForm command={fork} act="Fork" disabled={instruction.trim() === ''} onCancel={onClose} onSubmit={send}>
      <Field
        label="After turn"
        hint={`1 to ${run.turn}. The new run starts with the files and conversation after that turn.`}
      >
        <TextInput
          type="number"
          min={1}
          max={run.turn}
          required
          value={from}
          onChange={(event) => setFrom(event.target.valueAsNumber)}
        />
      </Field>
      <Field label="New instruction" hint="The new run makes and pays for its own model calls.">
        <TextArea
          required
          rows={4}
          maxLength={20_000}
          autoFocus
          value={instruction}
          onChange={(event) => setInstruction(event.target.value)}
        />
      </Field>
    </CommandForm>
  );
}
