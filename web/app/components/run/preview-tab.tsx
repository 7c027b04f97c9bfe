import { ExternalLink, RotateCw, Square } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { type ApiError, type Answer } from '#server/contracts/client.ts';
import { createPreview, openPreview, sandboxPreview, stopPreview } from '#server/contracts/previews.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import { useEvents } from '../../lib/live.tsx';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Card, Empty } from '../card.tsx';
import { CommandError } from '../error-card.tsx';
import { Skeleton } from '../skeleton.tsx';
import { Exact } from '../time.tsx';

type State = Answer<typeof sandboxPreview>;

/** The web app in the run's sandbox, at an origin of its own. */
export function PreviewTab({ runId, sandboxId }: { runId: string; sandboxId: string | null }) {
  const [state, setState] = useState<State>();
  const [error, setError] = useState<ApiError>();
  const read = useCallback(() => {
    if (sandboxId === null) return;
    call(sandboxPreview, { params: { id: sandboxId } }).then(
      (answer) => (setState(answer), setError(undefined)),
      (caught: unknown) => setError(asApiError(caught)),
    );
  }, [sandboxId]);
  useEffect(read, [read]);
  useEvents(({ type, entity }) => {
    if (entity.id === runId && (type.startsWith('preview.') || type.startsWith('sandbox.') || type === 'run.ended'))
      read();
  });
  if (sandboxId === null)
    return <Empty title="No sandbox yet">The app can be previewed once the run has its sandbox.</Empty>;
  return (
    <div className="space-y-3 pt-4">
      <CommandError error={error} />
      {state ? (
        <Shown state={state} sandboxId={sandboxId} onChange={read} />
      ) : (
        !error && <Skeleton rows={4} label="Loading the preview" />
      )}
    </div>
  );
}

function Shown({ state, sandboxId, onChange }: { state: State; sandboxId: string; onChange: () => void }) {
  const lacks = useLacks('task:write');
  const start = useCommand(createPreview);
  const stop = useCommand(stopPreview);
  const { preview, problem } = state;
  const act = async (done: Promise<unknown>) => {
    if (await done) onChange();
  };
  const again = preview?.status === 'failed' || preview?.status === 'stopped';
  const startButton = (
    <Button
      look="primary"
      busy={start.busy}
      because={lacks ?? problem ?? undefined}
      onClick={() => void act(start.run({ body: { sandbox_id: sandboxId } }))}
    >
      {again ? 'Start again' : 'Start the preview'}
    </Button>
  );
  if (!preview || again)
    return (
      <Card
        title={!preview ? 'Preview' : preview.status === 'failed' ? 'The preview failed' : 'The preview was stopped'}
      >
        <p className="mb-3 text-sm break-words whitespace-pre-wrap text-soft">
          {preview?.reason ?? problem ?? 'The app of the workspace is started and shown here while the sandbox lives.'}
        </p>
        {startButton}
        <CommandError error={start.error} />
      </Card>
    );
  const stopButton = (
    <Button
      size="sm"
      busy={stop.busy}
      because={lacks}
      onClick={() => void act(stop.run({ params: { id: preview.id } }))}
    >
      <Square aria-hidden className="size-3.5" /> Stop
    </Button>
  );
  if (preview.status !== 'ready')
    return (
      <Card title={preview.status === 'pending' ? 'The preview waits' : 'The preview starts'} aside={stopButton}>
        <p className="text-sm" role="status">
          {preview.reason}
          {preview.waits_until && (
            <span className="text-muted">
              {' '}
              until <Exact at={preview.waits_until} />
            </span>
          )}
        </p>
        <CommandError error={stop.error} />
      </Card>
    );
  return (
    <Frame key={preview.changed_at} id={preview.id} port={preview.port} stopButton={stopButton} error={stop.error} />
  );
}

function Frame({
  id,
  port,
  stopButton,
  error,
}: {
  id: string;
  port: number;
  stopButton: JSX.Element;
  error: ApiError | undefined;
}) {
  const [url, setUrl] = useState<string>();
  const [loads, setLoads] = useState(0);
  const [problem, setProblem] = useState<ApiError>();
  useEffect(() => {
    let current = true;
    call(openPreview, { params: { id } }).then(
      (answer) => current && setUrl(answer.url),
      (caught: unknown) => current && setProblem(asApiError(caught)),
    );
    return () => {
      current = false;
    };
  }, [id]);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 text-xs text-muted">
        <span>
          Port <span className="figures">{port}</span> of the sandbox. Cookies of the app work in a window of its own.
        </span>
        <span className="ml-auto flex flex-wrap gap-2">
          <Button size="sm" disabled={!url} onClick={() => setLoads(loads + 1)}>
            <RotateCw aria-hidden className="size-3.5" /> Reload
          </Button>
          <Button size="sm" disabled={!url} onClick={() => window.open(url, '_blank', 'noopener,noreferrer')}>
            <ExternalLink aria-hidden className="size-3.5" /> Open
          </Button>
          {stopButton}
        </span>
      </div>
      <CommandError error={problem ?? error} />
      {url && (
        <iframe
          key={loads}
          src={url}
          title="Preview of the app"
          // Its own origin: the app may use its cookies and storage, and reaches nothing of these pages.
          sandbox="allow-scripts allow-same-origin allow-forms allow-popups"
          referrerPolicy="no-referrer"
          className="h-[36rem] w-full rounded-md border bg-white"
        />
      )}
    </>
  );
}
