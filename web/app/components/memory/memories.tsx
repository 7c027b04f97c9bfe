import { useState } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { deleteMemory, editMemory, type searchMemory } from '#server/contracts/memory.ts';
import { count, percent, plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea } from '../field.tsx';
import { Fold } from '../fold.tsx';
import { TextLink } from '../text-link.tsx';
import { Ago } from '../time.tsx';

type FoundMemory = Answer<typeof searchMemory>['results'][number];
/** A memory of a list has no score. */
export type ShownMemory = Omit<FoundMemory, 'score' | 'similarity' | 'uses'> &
  Partial<Pick<FoundMemory, 'score' | 'similarity' | 'uses'>>;

export const typeName = (type: string) => type.replace(/_/g, ' ');

/** A memory: what it says, where it comes from, and what became of its use. It is corrected and deleted in place. */
export function MemoryRow({ memory }: { memory: ShownMemory }) {
  const [editing, setEditing] = useState(false);
  const [forgetting, setForgetting] = useState(false);
  const [text, setText] = useState(memory.execution_summary);
  const edit = useCommand(editMemory);
  const remove = useCommand(deleteMemory);
  const params = { id: memory.id };
  const { uses } = memory;
  return (
    <li className="space-y-2 px-4 py-3" aria-label={memory.execution_summary.slice(0, 80)}>
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-60 text-sm break-words">{memory.execution_summary}</p>
        <Badge tone={memory.success ? 'neutral' : 'warn'}>
          {memory.success ? typeName(memory.memory_type) : 'failed'}
        </Badge>
      </div>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Ago at={memory.learned_at} />
        {memory.run_id && <TextLink to={`/runs/${memory.run_id}`}>The run</TextLink>}
        {memory.reused_count > 0 && <span>given to {plural(memory.reused_count, 'attempt')}</span>}
        {uses && uses.helped + uses.failed > 0 && (
          <span>
            {count(uses.helped)} succeeded, {count(uses.failed)} failed
          </span>
        )}
        {memory.score !== undefined && <span className="figures">score {memory.score.toFixed(4)}</span>}
        {memory.similarity !== null && memory.similarity !== undefined && (
          <span className="figures">similarity {percent(memory.similarity)}</span>
        )}
        {!memory.embedded && <span title="No vector could be made of it yet.">found by its words alone</span>}
        {memory.updated_by && <span>corrected by {memory.updated_by}</span>}
      </p>
      <Fold
        summaryClass="cursor-pointer text-xs text-soft"
        summary={`Details of ${typeName(memory.memory_type)}`}
        className="text-sm"
      >
        {() => (
          <dl className="mt-2 grid gap-2 text-sm sm:grid-cols-[6rem_1fr]">
            {(
              [
                ['Task', memory.goal],
                ['Result', memory.result],
                ['Feedback', memory.feedback],
                ['Errors', memory.error_patterns.map(({ type }) => type).join(', ')],
                ['Files', memory.files.join(', ')],
                ['Type', memory.type_reason],
              ] as const
            )
              .filter(([, said]) => said)
              .map(([name, said]) => (
                <div key={name} className="contents">
                  <dt className="text-xs text-muted">{name}</dt>
                  <dd className="min-w-0 break-words whitespace-pre-wrap">{said}</dd>
                </div>
              ))}
          </dl>
        )}
      </Fold>
      {editing ? (
        <form
          className="space-y-2"
          onSubmit={(event) => {
            event.preventDefault();
            void edit.run({ params, body: { execution_summary: text } }).then((saved) => saved && setEditing(false));
          }}
        >
          <Field label="What it says">
            <TextArea rows={3} value={text} onChange={(event) => setText(event.target.value)} />
          </Field>
          <div className="flex gap-2">
            <Button size="sm" look="primary" busy={edit.busy} type="submit">
              Save
            </Button>
            <Button size="sm" type="button" onClick={() => setEditing(false)}>
              Cancel
            </Button>
          </div>
        </form>
      ) : (
        <div className="flex gap-2">
          <Button size="sm" look="quiet" onClick={() => setEditing(true)}>
            Correct
          </Button>
          <Button size="sm" look="danger" onClick={() => setForgetting(true)}>
            Forget
          </Button>
        </div>
      )}
      <CommandError error={edit.error} />
      <AlertDialog
        open={forgetting}
        onClose={() => setForgetting(false)}
        title="Forget this memory?"
        keep="Keep it"
        act="Forget it"
        busy={remove.busy}
        error={remove.error}
        onAct={async () => {
          if (await remove.run({ params })) setForgetting(false);
        }}
      >
        It is deleted for good, and rules that it supports lose it. The rules themselves stay.
      </AlertDialog>
    </li>
  );
}
