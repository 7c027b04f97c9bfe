import type { ReactNode } from 'react';
import { count, money } from '../../lib/format.ts';
import type { RunPage } from '../../lib/run-page.server.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { Id } from '../id.tsx';
import { Card } from '../card.tsx';
import { TextLink } from '../text-link.tsx';
import { Exact } from '../time.tsx';
import { Prose } from '../markdown.tsx';

/** What a person has to know of a runner that is not the platform's own. */
const runnerNames = {
  loop: null,
  'claude-agent-sdk':
    'Claude Agent SDK in the sandbox. After a kill it resumes its last stored session; a turn in flight is asked again.',
  elsewhere: 'A registered agent elsewhere. It hands in its work by REST, and the platform checks it.',
};

const ownerOf = { organization: 'organization', user: 'person who started the work' };

export function DetailsTab({ run, reports }: { run: RunStream['run']; reports: RunPage['reports'] }) {
  const { usage } = run;
  return (
    <div className="space-y-4 pt-4">
      <Card title="Goal">
        <Prose text={run.goal} className="max-w-[700px]" />
      </Card>
      <Card title="Facts">
        <Facts
          rows={[
            ['Run', <Id key="run" id={run.id} name="Id of the run" />],
            ['Kind', run.kind],
            ['Mode', run.mode],
            ['Phase', run.phase ?? run.task_phase_id],
            ['Role', run.role],
            ['Model', `${run.model} (${run.provider})`],
            ['Runner', runnerNames[run.runner]],
            ['Model key', run.model_key && `${run.model_key.name} of the ${ownerOf[run.model_key.owner]}`],
            ['Iteration', run.iteration],
            ['Epoch', run.epoch],
            ['Sandbox', run.sandbox_id],
            ['Branch', run.branch],
            ['Base', run.base_sha && <Id key="base" id={run.base_sha} name="Commit" />],
            ['Head', run.head_sha && <Id key="head" id={run.head_sha} name="Commit" />],
            ['Created', run.created_at && <Exact key="created" at={run.created_at} />],
            ['Started', run.started_at && <Exact key="started" at={run.started_at} />],
            ['Ended', run.ended_at && <Exact key="ended" at={run.ended_at} />],
            ['Stop reason', run.stop_reason],
            [
              'Why',
              <TextLink key="why" to={`/diagnostic/run/${run.id}`}>
                the steps that led here
              </TextLink>,
            ],
          ]}
        />
      </Card>
      <Card title="Tokens and cost">
        <Facts
          rows={[
            ['Input, uncached', count(usage.input_tokens)],
            ['Input, from cache', count(usage.cache_read_tokens)],
            ['Input, written to cache', count(usage.cache_write_tokens)],
            ['Output', count(usage.output_tokens)],
            ['Cost', money(run.cost_micros)],
          ]}
        />
      </Card>
      <Card title="Limits">
        <Facts rows={Object.entries(run.limits).map(([name, value]) => [name.replace(/_/g, ' '), String(value)])} />
      </Card>
      {reports.length > 0 && <Reports reports={reports} />}
    </div>
  );
}

/** What processes in the sandbox say: claims, in their own words. */
const Reports = ({ reports }: { reports: RunPage['reports'] }) => (
  <Card title="Reported from the sandbox">
    <ol className="space-y-1.5 text-xs">
      {reports.map(({ seq, at, data }) => (
        <li key={seq} className="grid gap-x-4 sm:grid-cols-[9rem_11rem_minmax(0,1fr)]">
          <span className="text-muted">
            <Exact at={at} />
          </span>
          <span>{String(data.event_type)}</span>
          <code className="line-clamp-3 break-all">{JSON.stringify(data.event_data)}</code>
        </li>
      ))}
    </ol>
  </Card>
);

function Facts({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[minmax(0,max-content)_minmax(0,1fr)]">
      {rows
        .filter(([, value]) => value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-xs leading-5 text-muted">{name}</dt>
            <dd className="figures text-xs leading-5 break-all">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
