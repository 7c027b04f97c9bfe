import {
  CircleCheck,
  CircleX,
  FilePen,
  FilePlus,
  FileText,
  FolderTree,
  ListChecks,
  LoaderCircle,
  MessageCircleQuestion,
  Search,
  Telescope,
  Send,
  Split,
  SquareTerminal,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import { TextLink } from '../text-link.tsx';
import type { ReactNode } from 'react';
import { duration } from '../../lib/format.ts';
import { commandOutput, text, type ToolCall } from '../../lib/tool-calls.ts';
import { Badge } from '../badge.tsx';
import { Fold } from '../fold.tsx';
import { CompletionBody, DiscoveryBody, QuestionBody, ReviewBody, SubmissionBody, TodoBody } from './record-bodies.tsx';
import { EditBody, WriteBody } from './edit-bodies.tsx';
import { Output } from './output.tsx';

interface Look {
  icon: LucideIcon;
  verb: string;
  /** The subject of the call, shown after the verb. */
  subject: (call: ToolCall) => ReactNode;
  body?: (call: ToolCall) => ReactNode;
  /** What stands below the card: a link inside of its head could not be reached by keys. */
  below?: (call: ToolCall) => ReactNode;
  /** Whether the result is shown at once or only when it is opened. */
  open?: boolean;
}

const path = (call: ToolCall) => text(call, 'path') || '.';
/** A link to the run that answers a question about the code. */
const AnsweringRun = ({ call }: { call: ToolCall }) =>
  call.answering_run_id && (
    <p className="px-2.5 text-xs text-muted">
      Answered by <TextLink to={`/runs/${call.answering_run_id}`}>its run</TextLink>
    </p>
  );

const result = (call: ToolCall) => <Output text={call.result ?? ''} />;

const looks: Record<string, Look> = {
  bash: {
    icon: SquareTerminal,
    verb: '$',
    subject: (call) => text(call, 'command'),
    body: (call) => <Output text={commandOutput(call.result ?? '').output} dark />,
    open: true,
  },
  read_file: { icon: FileText, verb: 'Read', subject: path, body: result },
  list_files: { icon: FolderTree, verb: 'Listed', subject: (call) => text(call, 'glob') || path(call), body: result },
  search_files: {
    icon: Search,
    verb: 'Searched',
    subject: (call) => `${text(call, 'pattern')}${text(call, 'path') ? ` in ${text(call, 'path')}` : ''}`,
    body: result,
  },
  edit_file: { icon: FilePen, verb: 'Edited', subject: path, body: (call) => <EditBody call={call} />, open: true },
  write_file: { icon: FilePlus, verb: 'Wrote', subject: path, body: (call) => <WriteBody call={call} /> },
  todo: { icon: ListChecks, verb: 'Plan', subject: () => '', body: (call) => <TodoBody call={call} />, open: true },
  report_discovery: {
    icon: Split,
    verb: 'Discovery',
    subject: (call) => text(call, 'title'),
    body: (call) => <DiscoveryBody call={call} />,
    open: true,
  },
  ask_user: {
    icon: MessageCircleQuestion,
    verb: 'Question',
    subject: () => '',
    body: (call) => <QuestionBody call={call} />,
    open: true,
  },
  explore: {
    icon: Telescope,
    verb: 'Explored',
    subject: (call) => text(call, 'question'),
    body: result,
    below: (call) => <AnsweringRun call={call} />,
  },
  submit_review: {
    icon: CircleCheck,
    verb: 'Review',
    subject: () => '',
    body: (call) => <ReviewBody call={call} />,
    open: true,
  },
  complete_task: {
    icon: CircleCheck,
    verb: 'Claimed done',
    subject: () => '',
    body: (call) => <CompletionBody call={call} />,
    open: true,
  },
};
const submission: Look = {
  icon: Send,
  verb: 'Submitted',
  subject: (call) => call.name.replace('submit_', ''),
  body: (call) => <SubmissionBody call={call} />,
};
const unknown: Look = {
  icon: Wrench,
  verb: 'Called',
  subject: (call) => call.name,
  body: (call) => <SubmissionBody call={call} />,
};

/** A tool call with its result. */
export function ToolCard({ call }: { call: ToolCall }) {
  const {
    icon: Icon,
    verb,
    subject,
    body,
    below,
    open = false,
  } = looks[call.name] ?? (call.name.startsWith('submit_') ? submission : unknown);
  // What was refused is said above its body already.
  const showsResult = body === result || call.name === 'bash';
  const busy = call.status !== 'done';
  const failed = call.is_error || (call.exit_code !== null && call.exit_code !== 0);
  const head = (
    <>
      {busy ? (
        <LoaderCircle aria-hidden className="mt-0.5 size-4 shrink-0 animate-spin text-warn" />
      ) : failed ? (
        <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      ) : (
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      )}
      <span className="min-w-0 flex-1 text-xs leading-5">
        <span className={verb === '$' ? 'figures text-muted' : 'font-medium'}>{verb}</span>{' '}
        <span className="figures break-words whitespace-pre-wrap">{subject(call)}</span>
      </span>
      <span className="flex shrink-0 items-center gap-2">
        {call.exit_code !== null && <Badge tone={call.exit_code === 0 ? 'good' : 'bad'}>exit {call.exit_code}</Badge>}
        {call.is_error && <Badge tone="bad">refused</Badge>}
        {busy && <span className="text-xs text-muted">{call.status === 'running' ? 'running' : 'next'}</span>}
        {call.duration_ms !== null && <span className="figures text-xs text-muted">{duration(call.duration_ms)}</span>}
      </span>
    </>
  );
  const card =
    busy || !body ? (
      <div className="flex items-start gap-2 rounded-md border bg-card px-2.5 py-1.5">{head}</div>
    ) : (
      <Fold
        open={open || failed}
        summary={head}
        summaryClass="flex items-start gap-2 rounded-md px-2.5 py-1.5 hover:bg-hover"
        className="rounded-md border bg-card"
      >
        {() => (
          <div className="border-t">
            {call.is_error && (
              <p className="px-3 py-2 text-xs break-words whitespace-pre-wrap text-bad">{call.result}</p>
            )}
            {!(call.is_error && showsResult) && body(call)}
          </div>
        )}
      </Fold>
    );
  if (!below) return card;
  return (
    <div className="space-y-1">
      {card}
      {below(call)}
    </div>
  );
}
