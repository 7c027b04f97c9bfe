import { Tabs } from '../tabs.tsx';
import { useRunStream } from '../../lib/use-run-stream.ts';
import { isLive } from '../../lib/status.ts';
import type { RunPage } from '../../lib/run-page.server.ts';
import { ChangesTab } from './changes-tab.tsx';
import { Composer } from './composer.tsx';
import { DetailsTab } from './details-tab.tsx';
import { RunAside } from './run-aside.tsx';
import { RunHeader } from './run-header.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';
import { Notice } from '../card.tsx';
import { OpenQuestion, WaitingBanner } from './run-banners.tsx';
import { PreviewTab } from './preview-tab.tsx';
import { Stream } from './stream.tsx';
import { TerminalTab } from './terminal-tab.tsx';
import { TimelineTab } from './timeline-tab.tsx';

export function RunView({ page }: { page: RunPage }) {
  const stream = useRunStream(page.state);
  const { run, questions } = stream;
  const files = new Set(stream.turns.flatMap((turn) => turn.files_changed.map((file) => file.path)));
  const tabs = [
    { id: 'stream', label: 'Stream' },
    { id: 'timeline', label: 'Timeline' },
    { id: 'changes', label: 'Changes', count: files.size || undefined },
    { id: 'terminal', label: 'Terminal' },
    { id: 'preview', label: 'Preview' },
    { id: 'details', label: 'Details' },
  ];
  return (
    <div className="space-y-4">
      <RunHeader run={run} onChange={stream.refresh} />
      <WaitingBanner run={run} asking={stream.questions.length > 0} onRaised={stream.refresh} />
      {run.model_key_unused && <Notice tone="warn">{run.model_key_unused}</Notice>}
      <RetryingNotice retrying={run.retrying} />
      {questions.map((question) => (
        <OpenQuestion key={question.id} question={question} onAnswered={stream.refresh} />
      ))}
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <div className="min-w-0">
          <Tabs label="Parts of the run" tabs={tabs} active={page.tab} />
          {page.tab === 'stream' && <Stream stream={stream} />}
          {page.tab === 'changes' && <ChangesTab runId={run.id} turn={run.turn} initial={page.changes} />}
          {page.tab === 'timeline' && <TimelineTab run={run} turns={stream.turns} />}
          {page.tab === 'terminal' && <TerminalTab turns={stream.turns} />}
          {page.tab === 'preview' && <PreviewTab runId={run.id} sandboxId={run.sandbox_id} />}
          {page.tab === 'details' && <DetailsTab run={run} reports={page.reports} />}
          {page.tab === 'stream' && isLive(run.status) && <Composer run={run} onSent={stream.refresh} />}
        </div>
        <RunAside stream={stream} />
      </div>
    </div>
  );
}
