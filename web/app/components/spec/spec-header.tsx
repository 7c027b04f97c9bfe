import { Download, Pause, Play, Square } from 'lucide-react';
import { useState } from 'react';
import { cancelSpec, executeSpec, pauseSpec, resumeSpec } from '#server/contracts/specs.ts';
import { addressOf } from '#server/contracts/client.ts';
import { specExport } from '#server/contracts/specs.ts';
import { ScriptedBadge, StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { Notice } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { Menu, MenuDownload } from '../menu.tsx';
import { CommandError } from '../error-card.tsx';
import { PageTitle } from '../page-title.tsx';
import { RetryingNotice } from '../retrying-notice.tsx';
import { NightBadge } from '../work/night.tsx';
import { SpecMenu } from './spec-menu.tsx';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';

const exports = [
  { format: 'markdown', label: 'Markdown', ending: 'md' },
  { format: 'json', label: 'JSON', ending: 'json' },
] as const;
const ended = ['completed', 'pr_created', 'failed', 'cancelled'];

export function SpecHeader({
  page: { spec, runs },
  errorShown,
}: {
  page: SpecPage;
  /** Whether the page shows the spec's error in another place. */ errorShown: boolean;
}) {
  return (
    <>
      <PageTitle
        title={spec.title}
        facts={
          <>
            <StatusBadge status={spec.status} />
            {runs.some((run) => run.scripted) && <ScriptedBadge />}
            {!ended.includes(spec.status) && <NightBadge night={spec.night} paused={spec.status === 'paused'} />}
            {spec.waiting_for && (
              <span className="text-warn">
                waits for{' '}
                {spec.waiting_for === 'gate'
                  ? 'your decision'
                  : spec.waiting_for === 'person'
                    ? 'you'
                    : spec.waiting_for}
              </span>
            )}
          </>
        }
      >
        <SpecControls spec={spec} />
      </PageTitle>
      {spec.archived_at && (
        <Notice tone="info">This spec is archived: it is in no list, and nothing on it starts.</Notice>
      )}
      {spec.status === 'paused' && spec.waiting_reason && <Notice tone="warn">{spec.waiting_reason}</Notice>}
      <RetryingNotice retrying={spec.retrying} />
      {spec.last_error && !errorShown && (
        <Notice tone={spec.status === 'failed' ? 'bad' : 'warn'}>{spec.last_error}</Notice>
      )}
    </>
  );
}

function SpecControls({ spec }: { spec: SpecPage['spec'] }) {
  const lacks = useLacks('document:write', spec.organization_id);
  const start = useCommand(executeSpec);
  const pause = useCommand(pauseSpec);
  const resume = useCommand(resumeSpec);
  const cancel = useCommand(cancelSpec);
  const [asking, setAsking] = useState(false);
  const params = { id: spec.id };
  const idle = spec.status === 'draft' || spec.status === 'created';
  return (
    <div className="flex flex-col items-end gap-1">
      <div className="flex flex-wrap gap-2">
        <Menu
          trigger={
            <Button look="quiet">
              <Download aria-hidden className="size-4" /> Export
            </Button>
          }
        >
          {exports.map(({ format, label, ending }) => (
            <MenuDownload
              key={format}
              href={addressOf(specExport, { params, query: { format } })}
              name={`${spec.title.replace(/[^\w-]+/g, '-')}.${ending}`}
            >
              {label}
            </MenuDownload>
          ))}
        </Menu>
        {idle && (
          <Button
            look="primary"
            busy={start.busy}
            because={
              lacks ??
              (spec.archived_at
                ? 'Restore it first'
                : spec.description.trim()
                  ? undefined
                  : 'Describe the feature first')
            }
            onClick={() => void start.run({ params })}
          >
            <Play aria-hidden className="size-4" /> Start
          </Button>
        )}
        {spec.status === 'paused' && (
          <Button
            look="primary"
            busy={resume.busy}
            because={lacks}
            onClick={() => void resume.run({ params, body: {} })}
          >
            <Play aria-hidden className="size-4" /> Resume
          </Button>
        )}
        {!idle && !ended.includes(spec.status) && spec.status !== 'paused' && (
          <Button busy={pause.busy} because={lacks} onClick={() => void pause.run({ params, body: {} })}>
            <Pause aria-hidden className="size-4" /> Pause
          </Button>
        )}
        {!ended.includes(spec.status) && (
          <Button look="danger" because={lacks} onClick={() => setAsking(true)}>
            <Square aria-hidden className="size-4" /> Cancel
          </Button>
        )}
        <SpecMenu spec={spec} />
      </div>
      <CommandError error={start.error ?? pause.error ?? resume.error} />
      <AlertDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Cancel this spec?"
        keep="Keep it running"
        act="Cancel the spec"
        busy={cancel.busy}
        error={cancel.error}
        onAct={async () => {
          if (await cancel.run({ params, body: {} })) setAsking(false);
        }}
      >
        Its runs stop and its tickets end unfinished. Branches are kept. You cannot undo this.
      </AlertDialog>
    </div>
  );
}
