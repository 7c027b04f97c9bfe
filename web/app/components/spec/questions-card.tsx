import { useState } from 'react';
import { answerQuestions } from '#server/contracts/specs.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextInput } from '../field.tsx';

type Question = SpecPage['questions']['items'][number];

/** The open questions of the plan: one form for all of them until the design starts, then what the plan builds on. */
export function QuestionsCard({ page }: { page: SpecPage }) {
  const { open, items } = page.questions;
  const [changing, setChanging] = useState(false);
  if (items.length === 0) return null;
  const asking = open && (changing || items.some(({ answer }) => answer === null));
  return (
    <Card title="Open questions" aside={<span className="text-xs text-muted">{summary(items, open)}</span>}>
      {asking ? <AnswerForm page={page} onSent={() => setChanging(false)} /> : <Answers items={items} />}
      {open && !asking && (
        <Button size="sm" className="mt-3" onClick={() => setChanging(true)}>
          Change answers
        </Button>
      )}
    </Card>
  );
}

function summary(items: Question[], open: boolean): string {
  const left = items.filter(({ answer }) => answer === null).length;
  if (left === 0) return 'all answered';
  return open ? `${left} to answer before the design starts` : `${left} built on an assumption`;
}

function AnswerForm({ page: { spec, questions }, onSent }: { page: SpecPage; onSent: () => void }) {
  const lacks = useLacks('document:write', spec.organization_id);
  const send = useCommand(answerQuestions);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const answers = questions.items.flatMap(({ id, answer }) => {
    const text = texts[id]?.trim();
    return text && text !== answer ? [{ id, answer: text }] : [];
  });
  const submit = async () => {
    if (!(await send.run({ params: { id: spec.id }, body: { answers } }))) return;
    setTexts({});
    onSent();
  };
  return (
    <form
      aria-label="Answer the open questions"
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {questions.items.map(({ id, question, assumption, answer }) => (
        <Field
          key={id}
          label={question}
          hint={answer === null && (assumption ? `Without an answer: ${assumption}` : 'No assumption is stated.')}
        >
          <TextInput
            maxLength={20_000}
            disabled={lacks !== undefined}
            value={texts[id] ?? answer ?? ''}
            onChange={({ target }) => setTexts({ ...texts, [id]: target.value })}
          />
        </Field>
      ))}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" look="primary" busy={send.busy} because={lacks} disabled={answers.length === 0}>
          Send answers
        </Button>
        <p className="text-xs text-muted">A question that stays empty keeps its assumption.</p>
      </div>
      <CommandError error={send.error} />
    </form>
  );
}

const Answers = ({ items }: { items: Question[] }) => (
  <dl className="space-y-2 text-sm">
    {items.map(({ id, question, assumption, answer, answered_by: by }) => (
      <div key={id}>
        <dt className="font-medium break-words">{question}</dt>
        <dd className="break-words text-muted">
          {answer === null
            ? `Assumed: ${assumption || 'nothing was stated'}`
            : `${by ?? 'A person'} answered: ${answer}`}
        </dd>
      </div>
    ))}
  </dl>
);
