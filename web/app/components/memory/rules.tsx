import { useState } from 'react';
import type { Item } from '#server/contracts/client.ts';
import {
  addPlaybookEntry,
  editPlaybookEntry,
  undoPlaybookChange,
  type listPlaybook,
  type listPlaybookChanges,
} from '#server/contracts/playbook.ts';
import { playbookCategories, type PlaybookCategory } from '#workflows/domain/memory/kinds.ts';
import { plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { Badge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, Select, TextInput } from '../field.tsx';
import { Ago } from '../time.tsx';
import { typeName } from './memories.tsx';

type Entry = Item<typeof listPlaybook>;
type Change = Item<typeof listPlaybookChanges>;

const sentence = (text: string) => `${text.slice(0, 60)}${text.length > 60 ? '…' : ''}`;

function Rule({ entry }: { entry: Entry }) {
  const [text, setText] = useState<string>();
  const edit = useCommand(editPlaybookEntry);
  const params = { id: entry.id };
  return (
    <li className="space-y-2 px-4 py-3" aria-label={sentence(entry.content)}>
      {text === undefined ? (
        <p className={`text-sm break-words ${entry.is_active ? '' : 'text-muted line-through'}`}>{entry.content}</p>
      ) : (
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void edit.run({ params, body: { content: text } }).then((saved) => saved && setText(undefined));
          }}
        >
          <div className="min-w-0 flex-1 basis-60">
            <Field label="The rule">
              <TextInput value={text} onChange={(event) => setText(event.target.value)} />
            </Field>
          </div>
          <Button look="primary" busy={edit.busy} type="submit">
            Save
          </Button>
          <Button type="button" onClick={() => setText(undefined)}>
            Cancel
          </Button>
        </form>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <Badge>{typeName(entry.category)}</Badge>
        <span>{plural(entry.supporting_memory_ids.length, 'memory supports it', 'memories support it')}</span>
        <span>priority {entry.priority} of 10</span>
        <Ago at={entry.updated_at} />
        {text === undefined && (
          <span className="flex gap-2">
            <Button size="sm" look="quiet" onClick={() => setText(entry.content)}>
              Change
            </Button>
            <Button
              size="sm"
              look="quiet"
              busy={edit.busy}
              onClick={() => void edit.run({ params, body: { is_active: !entry.is_active } })}
            >
              {entry.is_active ? 'Take out of use' : 'Use again'}
            </Button>
          </span>
        )}
      </div>
      <CommandError error={edit.error} />
    </li>
  );
}

/** The rules of a project, and a form for another one. */
export function Playbook({ projectId, entries }: { projectId: string; entries: Entry[] }) {
  const add = useCommand(addPlaybookEntry);
  const [content, setContent] = useState('');
  const [category, setCategory] = useState<PlaybookCategory>('general');
  return (
    <Card title="Rules" flush>
      {entries.length === 0 ? (
        <Empty title="No rules yet">Tasks find them as they end, and you can add one.</Empty>
      ) : (
        <ul className="divide-y">
          {entries.map((entry) => (
            <Rule key={`${entry.id} ${entry.version}`} entry={entry} />
          ))}
        </ul>
      )}
      <form
        className="flex flex-wrap items-end gap-2 border-t px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          void add.run({ body: { project_id: projectId, content, category } }).then((saved) => saved && setContent(''));
        }}
      >
        <div className="min-w-0 flex-1 basis-60">
          <Field label="A new rule">
            <TextInput value={content} onChange={(event) => setContent(event.target.value)} />
          </Field>
        </div>
        <div className="w-40">
          <Field label="Kind">
            <Select value={category} onChange={(event) => setCategory(event.target.value as PlaybookCategory)}>
              {playbookCategories.map((name) => (
                <option key={name} value={name}>
                  {typeName(name)}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <Button busy={add.busy} type="submit">
          Add
        </Button>
      </form>
      <div className="px-4 pb-3 empty:hidden">
        <CommandError error={add.error} />
      </div>
    </Card>
  );
}

const done: Record<Change['operation'], string> = { add: 'added', update: 'changed', delete: 'taken out of use' };

/** How the rules of a project changed. The newest change of a rule can be undone. */
export function Changes({ changes }: { changes: Change[] }) {
  const undo = useCommand(undoPlaybookChange);
  const newest = new Map<string, string>();
  for (const { entry_id, id } of changes) if (!newest.has(entry_id)) newest.set(entry_id, id);
  return (
    <Card title="Changes of the rules" flush>
      {changes.length === 0 && <Empty title="Nothing has changed yet" />}
      <CommandError error={undo.error} />
      <ul className="divide-y">
        {changes.map((change) => (
          <li
            key={change.id}
            className="flex flex-wrap items-start gap-3 px-4 py-3"
            aria-label={`${done[change.operation]}: ${sentence((change.new_content ?? change.old_content)?.content ?? '')}`}
          >
            <div className="min-w-0 flex-1 basis-60">
              <p className="text-sm break-words">{(change.new_content ?? change.old_content)?.content}</p>
              {change.operation === 'update' && change.old_content?.content !== change.new_content?.content && (
                <p className="text-xs break-words text-muted">
                  before: <s>{change.old_content?.content}</s>
                </p>
              )}
              <p className="text-xs text-muted">
                {done[change.operation]} by {change.changed_by}: {change.reason} · <Ago at={change.created_at} />
              </p>
            </div>
            {newest.get(change.entry_id) === change.id && (
              <Button size="sm" busy={undo.busy} onClick={() => void undo.run({ params: { id: change.id } })}>
                Undo
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
