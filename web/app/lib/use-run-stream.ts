import { useCallback, useEffect, useRef, useState } from 'react';
import { listInterventions, runAnalyses } from '#server/contracts/watching.ts';
import { getRun, listQuestions, runEvents, runMessages, runTurns } from '#server/contracts/runs.ts';
import type { Answer } from '#server/contracts/client.ts';
import { call } from './browser-api.ts';
import { useDeltas, useEvents } from './live.tsx';
import { raisesIn, type RaisedLimits } from './raised-limits.ts';
import { lastSettled, merged, withDelta, type Draft } from './run-turns.ts';
import type { Turn } from './tool-calls.ts';

export interface RunStream {
  run: Answer<typeof getRun>;
  turns: Turn[];
  messages: Answer<typeof runMessages>['items'];
  analyses: Answer<typeof runAnalyses>['items'];
  interventions: Answer<typeof listInterventions>['items'];
  questions: Answer<typeof listQuestions>['items'];
  raises: RaisedLimits[];
}

const page = 40;

/**
 * The live state of a run. Events only say that something changed; the turns are read from the API, starting after the
 * last settled one, so a lost connection leaves no gap and no duplicate. The model's text is shown while it is written,
 * then replaced by the stored turn.
 */
export function useRunStream(initial: RunStream) {
  const id = initial.run.id;
  const [state, setState] = useState(initial);
  const [draft, setDraft] = useState<Draft>();
  const turns = useRef(initial.turns);
  const due = useRef({ running: false, again: false, messages: false, watch: false });

  const read = useCallback(async () => {
    const wanted = due.current;
    if (wanted.running) return void (wanted.again = true);
    wanted.running = true;
    try {
      do {
        wanted.again = false;
        const { messages: withMessages, watch: withWatch } = wanted;
        wanted.messages = wanted.watch = false;
        const params = { id };
        const run = await call(getRun, { params });
        let news = turns.current;
        for (let after = lastSettled(news), more = true; more;) {
          const answer = await call(runTurns, { params, query: { after, limit: page } });
          news = merged(news, answer.items);
          after = answer.items.at(-1)?.turn ?? after;
          more = answer.next_cursor !== null;
        }
        turns.current = news;
        const [messages, questions, raises, analyses, interventions] = await Promise.all([
          withMessages ? call(runMessages, { params, query: { limit: 1000 } }) : undefined,
          withMessages ? call(listQuestions, { query: { run_id: id, limit: 200 } }) : undefined,
          withMessages
            ? call(runEvents, { params, query: { event_type: 'run.limits_raised', limit: 1000 } })
            : undefined,
          withWatch ? call(runAnalyses, { params, query: { limit: 100 } }) : undefined,
          withWatch ? call(listInterventions, { query: { run_id: id, limit: 200 } }) : undefined,
        ]);
        setState((old) => ({
          run,
          turns: turns.current,
          messages: messages?.items ?? old.messages,
          questions: questions?.items ?? old.questions,
          raises: raises ? raisesIn(raises.items) : old.raises,
          analyses: analyses?.items ?? old.analyses,
          interventions: interventions?.items ?? old.interventions,
        }));
        setDraft((old) => (old && old.turn <= (turns.current.at(-1)?.turn ?? 0) ? undefined : old));
      } while (wanted.again);
    } catch {
      // Read again after a pause; the next event also reads again.
      wanted.messages = wanted.watch = true;
      setTimeout(() => void read(), 2000);
    } finally {
      wanted.running = false;
    }
  }, [id]);

  const timer = useRef<ReturnType<typeof setTimeout>>();
  const soon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void read();
    }, 80);
  }, [read]);
  useEffect(() => () => clearTimeout(timer.current), []);

  // A step that is retried emits no event: while the run goes on, it is read again now and then.
  const going = state.run.ended_at === null;
  useEffect(() => {
    if (!going) return undefined;
    const interval = setInterval(soon, 10_000);
    return () => clearInterval(interval);
  }, [going, soon]);

  useEvents(({ type, entity }) => {
    if (entity.id !== id) return;
    if (/^(run\.(message|interrupted|ended|created|limits_raised)|question)/.test(type)) due.current.messages = true;
    if (type.startsWith('guardian.')) due.current.watch = true;
    soon();
  });
  useDeltas(id, (delta) => {
    setDraft((old) => withDelta(old, delta, turns.current.at(-1)?.turn ?? 0));
  });

  /** Loads the page of turns before the first one shown. */
  const earlier = useCallback(async () => {
    const first = turns.current[0]?.turn ?? 1;
    const { items } = await call(runTurns, {
      params: { id },
      query: { after: Math.max(0, first - 1 - page), limit: Math.min(page, first - 1) },
    });
    turns.current = merged(turns.current, items);
    setState((old) => ({ ...old, turns: turns.current }));
  }, [id]);

  const refresh = useCallback(() => {
    due.current.messages = true;
    soon();
  }, [soon]);
  return { ...state, draft, earlier, refresh };
}
