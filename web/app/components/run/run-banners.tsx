import { useState } from 'react';
import { Hourglass, MessageCircleQuestion } from 'lucide-react';
import { sendMessage } from '#server/contracts/runs.ts';
import { spentBudget } from '../../lib/spent-budget.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { TextInput } from '../field.tsx';
import { RaiseBudget } from '../costs/raise-budget.tsx';
import { stoppedWithSpec } from '../work/night.tsx';
import { TextLink } from '../text-link.tsx';
import { RaiseLimits } from './raise-limits.tsx';
import { Ago, Clock } from '../time.tsx';

const reasons: Record<string, string> = {
  model: 'the model',
  slot: 'a free slot',
  budget: 'budget. Raise the budget to continue',
  person: 'a person',
  gate: 'a gate',
  sandbox: 'its sandbox',
};

/** Whether the run waits at a limit of its own, and not at the budget of its spec or for an answer. */
const atItsLimit = ({ status, waiting_for: waitingFor, waiting_reason: reason }: RunStream['run']) =>
  status === 'waiting' && (waitingFor === 'person' || (waitingFor === 'budget' && /of this run/.test(reason ?? '')));

/** Says why the run waits, and until when. @param asking the agent waits for an answer. */
export function WaitingBanner({
  run,
  asking,
  onRaised,
}: {
  run: RunStream['run'];
  asking: boolean;
  onRaised: () => void;
}) {
  if (run.error_message && run.ended_at && run.status !== 'completed')
    return <Notice tone={run.status === 'failed' ? 'bad' : 'warn'}>{run.error_message}</Notice>;
  const budget = spentBudget(run);
  if (!run.waiting_for && run.status !== 'paused') return null;
  return (
    <Notice tone="warn">
      <span className="flex flex-wrap items-center gap-2">
        <Hourglass aria-hidden className="size-4" />
        <span>
          {run.status === 'paused' ? 'Paused' : `Waits for ${reasons[run.waiting_for ?? ''] ?? run.waiting_for}`}
          {run.waiting_reason && `: ${run.waiting_reason}`}
        </span>
        {run.next_wake_at && (
          <span className="text-muted">
            until <Clock at={run.next_wake_at} />
          </span>
        )}
      </span>
      {stoppedWithSpec(run) && (
        <TextLink to={`/projects/${run.project_id}/specs/${run.spec_id}`}>Open the spec to resume it</TextLink>
      )}
      {!asking && atItsLimit(run) && <RaiseLimits run={run} onRaised={onRaised} />}
      {!atItsLimit(run) && budget && <RaiseBudget budget={budget} onRaised={onRaised} />}
    </Notice>
  );
}

/** A question of the agent. The run waits for the answer. */
export function OpenQuestion({
  question,
  onAnswered,
}: {
  question: RunStream['questions'][number];
  onAnswered: () => void;
}) {
  const lacks = useLacks('task:write');
  const send = useCommand(sendMessage);
  const [text, setText] = useState('');
  const answer = async (content: string) => {
    if (await send.run({ params: { id: question.run_id }, body: { kind: 'user_message', content } })) onAnswered();
  };
  return (
    <section
      aria-label="Question from the agent"
      className="rounded-lg border border-warn-fill/60 bg-warn-soft px-4 py-3"
    >
      <p className="flex gap-2 text-sm font-medium">
        <MessageCircleQuestion aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <span className="min-w-0 break-words">{question.question}</span>
      </p>
      <p className="mt-0.5 pl-6 text-xs text-muted">
        asked <Ago at={question.created_at} />
        {question.default_answer && <>; default if you do not answer: {question.default_answer}</>}
      </p>
      <div className="mt-2 flex flex-wrap gap-2 pl-6">
        {question.options.map((option) => (
          <Button key={option} size="sm" because={lacks} disabled={send.busy} onClick={() => void answer(option)}>
            {option}
          </Button>
        ))}
      </div>
      <form
        className="mt-2 flex gap-2 pl-6"
        onSubmit={(event) => {
          event.preventDefault();
          void answer(text);
        }}
      >
        <TextInput
          aria-label="Your answer"
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Your answer"
        />
        <Button type="submit" look="primary" busy={send.busy} because={lacks} disabled={text.trim() === ''}>
          Answer
        </Button>
      </form>
      <div className="pl-6">
        <CommandError error={send.error} />
      </div>
    </section>
  );
}
