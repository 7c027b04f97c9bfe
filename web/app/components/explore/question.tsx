import { Link, useNavigate } from '@remix-run/react';
import { useState } from 'react';
import { askAgain, type getConversation } from '#server/contracts/explore.ts';
import { stopRun } from '#server/contracts/runs.ts';
import type { Answer } from '#server/contracts/client.ts';
import { showCitation } from '#workflows/domain/agent/citations.ts';
import { keepText, keptText } from '../../lib/kept-text.ts';
import { money, shortId } from '../../lib/format.ts';
import { useDeltas } from '../../lib/live.tsx';
import { withDelta, type Draft } from '../../lib/run-turns.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks, useViewer } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Prose } from '../markdown.tsx';
import { TextLink } from '../text-link.tsx';
import { Elapsed } from '../time.tsx';

export type Asked = Answer<typeof getConversation>['messages'][number];

interface Place {
  projectId: string;
  conversationId: string;
  /** The address that shows lines. */
  linesAt: (place: string, sha: string | null) => string;
}

/** A question with its answer, with what it waits for, or with the reason why there is none. */
export function Question({ asked, ...place }: { asked: Asked } & Place) {
  return (
    <article aria-label={asked.question} className="rounded-lg border bg-card">
      <h2 className="border-b bg-side px-4 py-2.5 text-sm font-semibold break-words whitespace-pre-wrap">
        {asked.question}
      </h2>
      <div className="space-y-3 p-4">
        {asked.status === 'answering' && <Answering key={asked.run_id} asked={asked} />}
        {asked.status === 'answered' && <Answered asked={asked} {...place} />}
        {asked.status === 'failed' && <Failed asked={asked} {...place} />}
      </div>
    </article>
  );
}

function Answering({ asked }: { asked: Asked }) {
  const [draft, setDraft] = useState<Draft>();
  useDeltas(asked.run_id, (delta) => setDraft((old) => withDelta(old, delta, 0)));
  const stop = useCommand(stopRun);
  const lacks = useLacks('task:write');
  return (
    <>
      {draft && <Prose text={draft.text} />}
      {asked.waits && <Notice tone="warn">Waiting: {asked.waits}</Notice>}
      <div className="flex flex-wrap items-center gap-3 text-xs text-muted">
        <span role="status">{asked.waits ? 'Waiting' : 'Reading the code'}</span>
        <Elapsed from={asked.asked_at} />
        {asked.cost_micros !== null && (
          <>
            <TextLink to={`/runs/${asked.run_id}`}>Its run</TextLink>
            <Button
              size="sm"
              busy={stop.busy}
              because={lacks}
              onClick={() => void stop.run({ params: { id: asked.run_id }, body: { reason: 'Not needed any more.' } })}
            >
              Stop
            </Button>
          </>
        )}
      </div>
      <CommandError error={stop.error} />
    </>
  );
}

function Answered({ asked, projectId, linesAt }: { asked: Asked } & Place) {
  const { answer, citations, dropped, base_sha: sha } = asked;
  const wrong = new Set(dropped.map(showCitation));
  const navigate = useNavigate();
  const owner = useViewer().id;
  const lacks = useLacks('document:write');
  const makeSpec = () => {
    const words = `${asked.question}\n\nWhat the code says at commit ${sha}:\n\n${answer ?? ''}`;
    const kept = keptText(owner)?.text;
    keepText(owner, {
      text: [words, kept].filter(Boolean).join('\n\n').slice(0, 50_000),
      page: '/command?mode=spec_driven',
    });
    navigate(`/command?project=${projectId}&mode=spec_driven`);
  };
  return (
    <>
      <Prose
        text={answer ?? ''}
        places={[...citations, ...dropped]}
        place={(name, words) =>
          wrong.has(name) ? (
            <s title="This place does not exist at the commit">{words}</s>
          ) : (
            <Link
              to={linesAt(name, sha)}
              preventScrollReset
              className="underline decoration-line-strong underline-offset-2 hover:decoration-current"
            >
              {words}
            </Link>
          )
        }
      />
      {dropped.length > 0 && (
        <Notice tone="warn">
          The answer names places that do not exist at this commit: {dropped.map(showCitation).join(', ')}. Do not rely
          on what it says about them.
        </Notice>
      )}
      {citations.length === 0 && (
        <Notice tone="warn">The answer names no place in the code that could be checked.</Notice>
      )}
      <div className="flex flex-wrap items-center gap-3 text-xs text-muted">
        <span>
          At commit <span className="figures">{sha && shortId(sha)}</span>
        </span>
        {asked.cost_micros !== null && <span className="figures">{money(asked.cost_micros)}</span>}
        <TextLink to={`/runs/${asked.run_id}`}>Its run</TextLink>
        <Button size="sm" because={lacks} onClick={makeSpec} className="ml-auto">
          Make a spec of this
        </Button>
      </div>
    </>
  );
}

function Failed({ asked, projectId, conversationId }: { asked: Asked } & Place) {
  const again = useCommand(askAgain);
  const lacks = useLacks('document:write');
  const params = { id: projectId, conversation_id: conversationId, message_id: asked.id };
  return (
    <>
      <Notice tone="bad">There is no answer: {asked.error}</Notice>
      <div className="flex flex-wrap items-center gap-3 text-xs text-muted">
        <Button size="sm" busy={again.busy} because={lacks} onClick={() => void again.run({ params })}>
          Ask again
        </Button>
        {asked.cost_micros !== null && (
          <>
            <span className="figures">{money(asked.cost_micros)}</span>
            <TextLink to={`/runs/${asked.run_id}`}>Its run</TextLink>
          </>
        )}
      </div>
      <CommandError error={again.error} />
    </>
  );
}
