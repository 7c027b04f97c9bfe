import { Check, Circle, CircleDot } from 'lucide-react';
import { flag, list, text, type ToolCall } from '../../lib/tool-calls.ts';
import { Badge } from '../badge.tsx';
import { Prose } from '../markdown.tsx';
import { Output } from './output.tsx';

interface TodoItem {
  text: string;
  status: string;
}

const marks = {
  done: {
    icon: <Check aria-hidden className="mt-0.5 size-3.5 shrink-0 text-good" />,
    label: 'Done: ',
    look: 'text-muted line-through decoration-line-strong',
  },
  in_progress: {
    icon: <CircleDot aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warn" />,
    label: 'In progress: ',
    look: 'font-medium',
  },
  pending: { icon: <Circle aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />, label: 'To do: ', look: '' },
} as const;

export function TodoList({ items }: { items: TodoItem[] }) {
  return (
    <ul className="space-y-1">
      {items.map((item, index) => {
        const mark = marks[item.status as keyof typeof marks] ?? marks.pending;
        return (
          <li key={index} className="flex gap-2 text-xs leading-5">
            {mark.icon}
            <span className={`min-w-0 break-words ${mark.look}`}>
              <span className="sr-only">{mark.label}</span>
              {item.text}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

export function TodoBody({ call }: { call: ToolCall }) {
  const items = list(call, 'items').map((item) =>
    typeof item === 'string' ? { text: item, status: 'pending' } : (item as TodoItem),
  );
  return (
    <div className="px-3 py-2">
      <TodoList items={items} />
    </div>
  );
}

export function DiscoveryBody({ call }: { call: ToolCall }) {
  return (
    <div className="space-y-1.5 px-3 py-2">
      <p className="flex flex-wrap gap-1.5">
        <Badge tone="warn">{text(call, 'type').replace(/_/g, ' ')}</Badge>
        {text(call, 'priority') && <Badge>{text(call, 'priority')}</Badge>}
        {flag(call, 'blocking') && <Badge tone="bad">blocks this task</Badge>}
      </p>
      <Prose text={text(call, 'description')} />
      {call.result && !call.is_error && <p className="text-xs text-muted">{call.result}</p>}
    </div>
  );
}

export function QuestionBody({ call }: { call: ToolCall }) {
  return (
    <div className="space-y-1.5 px-3 py-2 text-sm">
      <p className="font-medium">{text(call, 'question')}</p>
      {list(call, 'options').length > 0 && (
        <p className="text-xs text-muted">{list(call, 'options').map(String).join(' · ')}</p>
      )}
      {call.result && !call.is_error && <p>{call.result}</p>}
    </div>
  );
}

interface Evidence {
  criterion_id?: string;
  command?: string;
  tool_use_id?: string;
  exit_code?: number;
  excerpt?: string;
}

function EvidenceList({ items }: { items: unknown[] }) {
  if (items.length === 0) return null;
  return (
    <ul className="divide-y rounded-md border text-xs">
      {items.map((item, index) => {
        const {
          criterion_id: id,
          command,
          tool_use_id: call,
          exit_code: exit,
          excerpt,
        } = typeof item === 'string' ? ({ excerpt: item } as Evidence) : (item as Evidence);
        return (
          <li key={index}>
            <details>
              <summary className="flex flex-wrap items-center gap-2 px-2.5 py-1.5 hover:bg-hover">
                <span className="figures text-muted">{id ?? 'evidence'}</span>
                <span className="figures min-w-0 flex-1 break-words">{command ?? excerpt ?? call}</span>
                {exit !== undefined && <Badge tone={exit === 0 ? 'good' : 'bad'}>exit {exit}</Badge>}
              </summary>
              {excerpt && <Output text={excerpt} dark />}
            </details>
          </li>
        );
      })}
    </ul>
  );
}

export function ReviewBody({ call }: { call: ToolCall }) {
  const passed = flag(call, 'passed');
  return (
    <div className="space-y-2 px-3 py-2">
      <Badge tone={passed ? 'good' : 'bad'}>{passed ? 'passed' : 'not passed'}</Badge>
      {text(call, 'feedback') && <Prose text={text(call, 'feedback')} />}
      <EvidenceList items={list(call, 'evidence')} />
    </div>
  );
}

export function CompletionBody({ call }: { call: ToolCall }) {
  return (
    <div className="space-y-2 px-3 py-2">
      <Prose text={text(call, 'summary')} />
      <EvidenceList items={list(call, 'evidence')} />
      {call.result && !call.is_error && <p className="text-xs text-muted">{call.result}</p>}
    </div>
  );
}

/** A submission is long and is shown on its spec's page; here is its raw JSON. */
export function SubmissionBody({ call }: { call: ToolCall }) {
  return (
    <div>
      <Output text={JSON.stringify(call.input, null, 2) ?? ''} />
      {call.result && !call.is_error && (
        <p className="border-t px-3 py-2 text-xs break-words whitespace-pre-wrap text-muted">{call.result}</p>
      )}
    </div>
  );
}
