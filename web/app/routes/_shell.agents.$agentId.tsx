import { redirect, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { Link, useLoaderData } from '@remix-run/react';
import { agentTransitions, getAgent } from '#server/contracts/agents.ts';
import { listThreads } from '#server/contracts/collaboration.ts';
import { AgentActions } from '../components/agent/actions.tsx';
import { Badge, StatusBadge } from '../components/badge.tsx';
import { Card, Empty, Stat } from '../components/card.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.agent.name ?? 'Agent'} · OmoiOS` }];
export const handle = {
  crumbs: (data?: { agent: { name: string } }) => [
    { label: 'Agents', to: '/agents' },
    { label: data?.agent.name ?? 'Agent' },
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const id = where.params.agentId ?? '';
  const agent = await api(getAgent, { params: { id } });
  // The older name of a run.
  if (!('agent_type' in agent)) throw redirect(`/runs/${agent.id}`);
  const [moves, threads] = await Promise.all([
    api(agentTransitions, { params: { id }, query: { limit: 20 } }),
    api(listThreads, { query: { agent_id: id, limit: 20 } }),
  ]);
  return { agent, moves: moves.items, threads: threads.items };
};

export default function Agent() {
  const { agent, moves, threads } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.entity.id === agent.id || /^(agent\.|run\.(created|ended))/.test(event.type), 1000);
  return (
    <div className="space-y-4">
      <PageTitle
        title={agent.name}
        facts={
          <>
            <StatusBadge status={agent.status} />
            <Badge>{agent.agent_type}</Badge>
            {!agent.available && <Badge tone="warn">Takes no new tasks</Badge>}
            {agent.escalated_at && <Badge tone="bad">Waits for a person</Badge>}
            {agent.tags.map((tag) => (
              <Badge key={tag}>{tag}</Badge>
            ))}
          </>
        }
        note={
          agent.escalated_at
            ? 'Restarts did not bring it back, so it is not restarted by itself any more. Restart it, or end it.'
            : undefined
        }
      >
        <AgentActions agent={agent} />
      </PageTitle>
      <Card>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Stat name="Phase">{agent.phase_id?.replace('PHASE_', '').toLowerCase() ?? 'any'}</Stat>
          <Stat name="Capabilities" wrap>
            {agent.capabilities.join(', ') || 'none'}
          </Stat>
          <Stat name="Tasks">
            {agent.busy} of {agent.capacity}
          </Stat>
          <Stat name="Last sign">{agent.last_heartbeat_at ? <Ago at={agent.last_heartbeat_at} /> : 'none yet'}</Stat>
          <Stat name="Runs">{agent.elsewhere ? 'elsewhere' : 'on the platform'}</Stat>
          <Stat name="Missing heartbeats">{agent.missed}</Stat>
          <Stat name="Registered by" title={agent.registered_by}>
            {agent.registered_by}
          </Stat>
          <Stat name="Registered">
            <Ago at={agent.created_at} />
          </Stat>
        </dl>
        {(agent.replaces_id ?? agent.replaced_by_id) && (
          <p className="mt-4 flex gap-4 text-sm">
            {agent.replaces_id && <Link to={`/agents/${agent.replaces_id}`}>The agent that it replaces</Link>}
            {agent.replaced_by_id && <Link to={`/agents/${agent.replaced_by_id}`}>The agent that replaces it</Link>}
          </p>
        )}
      </Card>
      <Card title="At work" flush>
        {agent.runs.length === 0 && <Empty title="It has no work now" />}
        <ul className="divide-y">
          {agent.runs.map((run) => (
            <li key={run.run_id} className="flex flex-wrap items-center gap-3 px-4 py-3 text-sm">
              <Link to={`/runs/${run.run_id}`} className="min-w-0 flex-1 basis-60 font-medium break-words">
                {run.title}
              </Link>
              <code className="text-xs break-all text-muted">{run.branch}</code>
              <StatusBadge status={run.status} />
            </li>
          ))}
        </ul>
      </Card>
      {threads.length > 0 && (
        <Card title="Threads with other agents" flush>
          <ul className="divide-y">
            {threads.map((thread) => (
              <li key={thread.id} className="flex flex-wrap items-center gap-3 px-4 py-3 text-sm">
                <span className="min-w-0 flex-1 basis-60 break-words">{thread.subject}</span>
                <Badge>{thread.kind}</Badge>
                {thread.outcome && <span className="text-xs text-muted">{thread.outcome}</span>}
                <StatusBadge status={thread.status} />
                <Ago at={thread.created_at} className="text-xs text-muted" />
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Card title="Changes of its status" flush>
        <ul className="divide-y">
          {moves.map((move) => (
            <li key={move.id} className="flex flex-wrap items-center gap-3 px-4 py-3 text-sm">
              <StatusBadge status={move.to_status} />
              <span className="min-w-0 flex-1 basis-60 break-words">{move.reason}</span>
              <span className="text-xs text-muted">{move.by}</span>
              <Ago at={move.at} className="text-xs text-muted" />
            </li>
          ))}
        </ul>
      </Card>
      {agent.evidence && (
        <Card title="What was known at its quarantine">
          <p className="mb-2 text-sm">
            <a
              className="underline"
              download={`${agent.name}.json`}
              href={`data:application/json,${encodeURIComponent(JSON.stringify(agent.evidence, null, 2))}`}
            >
              Download it
            </a>
          </p>
          <pre className="max-h-96 overflow-auto text-xs" tabIndex={0}>
            {JSON.stringify(agent.evidence, null, 2)}
          </pre>
        </Card>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
