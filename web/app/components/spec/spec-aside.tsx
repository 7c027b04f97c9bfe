import { Link } from '@remix-run/react';
import { GitBranch } from 'lucide-react';
import { StatusBadge } from '../badge.tsx';
import { Card, Stat } from '../card.tsx';
import { NightCard } from '../work/night.tsx';
import { LinkedTickets } from './linked-tickets.tsx';
import { Progress } from '../progress.tsx';
import { Ago, Elapsed } from '../time.tsx';
import { money, percent } from '../../lib/format.ts';
import { isLive } from '../../lib/status.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';

const policies: Record<string, string> = { auto: 'open by score', ask: 'ask a person', auto_above: 'open above' };

/** The spec's figures, all from the API. */
export function SpecAside({
  page: { spec, runs, tasks, more_tasks: moreTasks, coverage, linked },
}: {
  page: SpecPage;
}) {
  const done = tasks.filter((task) => task.status === 'completed').length;
  const found = tasks.filter((task) => task.discovery_id !== null).length;
  const criteria = coverage.matrix.flatMap((row) => row.criteria);
  const policy = spec.gate_policy as { mode?: string; score?: number | null };
  const more = moreTasks ? '+' : '';
  return (
    <aside aria-label="The spec in figures" className="space-y-4 lg:sticky lg:top-16">
      <Card>
        <div className="mb-4">
          <div className="mb-1 flex justify-between text-xs text-muted">
            <span>Planned</span>
            <span className="figures">{spec.progress} %</span>
          </div>
          <Progress label="Planned" share={spec.progress / 100} />
          {tasks.length > 0 && (
            <>
              <div className="mt-3 mb-1 flex justify-between text-xs text-muted">
                <span>Built{found > 0 && `, ${found} discovered`}</span>
                <span className="figures">
                  {done} of {tasks.length}
                  {more} tasks
                </span>
              </div>
              <Progress label="Built" share={done / tasks.length} />
            </>
          )}
        </div>
        <dl className="grid grid-cols-2 gap-x-4 gap-y-3">
          <Stat name="Cost" title="Cost of the model so far, at list price">
            <span className="figures">{money(spec.cost_micros)}</span>
          </Stat>
          <Stat name="Budget">
            {spec.budget ? (
              <span className="figures">{money(spec.budget.limit_micros)}</span>
            ) : (
              <span className="text-muted">none</span>
            )}
          </Stat>
          <Stat name="Requirements">
            <span className="figures">{coverage.matrix.length}</span>
          </Stat>
          <Stat name="Covered by tasks">
            <span className="figures">
              {coverage.matrix.length > 0 ? percent(coverage.coverage_percent / 100) : '–'}
            </span>
          </Stat>
          <Stat name="Criteria proved">
            <span className="figures">
              {criteria.filter((item) => item.completed).length} of {criteria.length}
            </span>
          </Stat>
          <Stat name="Running agents">
            <span className="figures">{runs.filter((run) => run.status === 'running').length}</span>
          </Stat>
          <Stat name="Time">
            {spec.started_at ? (
              <Elapsed from={spec.started_at} to={spec.ended_at} />
            ) : (
              <span className="text-muted">not started</span>
            )}
          </Stat>
          <Stat name="Version">
            <span className="figures">{spec.version}</span>
          </Stat>
          <Stat name="Gates">
            {policies[policy.mode ?? 'auto'] ?? policy.mode}
            {policy.mode === 'auto_above' && policy.score !== null && <span className="figures"> {policy.score}</span>}
          </Stat>
          <Stat name="Created">
            <Ago at={spec.created_at} />
          </Stat>
        </dl>
      </Card>
      {(spec.pull_request || spec.branch) && (
        <Card title="Code">
          {spec.pull_request && (
            <Link
              to={`/pull-requests/${spec.pull_request.id}`}
              className="flex items-center justify-between gap-2 font-medium hover:underline"
            >
              <span>
                Pull request <span className="figures">#{spec.pull_request.number}</span>
              </span>
              <StatusBadge status={spec.pull_request.state} />
            </Link>
          )}
          {spec.branch && (
            <p className="figures mt-2 flex items-start gap-1.5 text-xs break-all text-muted first:mt-0">
              <GitBranch aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              {spec.branch}
              {spec.base_branch && ` from ${spec.base_branch}`}
            </p>
          )}
        </Card>
      )}
      <NightCard night={spec.night} />
      <LinkedTickets spec={spec} tickets={linked} />
      <Card title="Your description">
        <p className="max-h-60 overflow-y-auto text-sm break-words whitespace-pre-wrap text-soft" tabIndex={0}>
          {spec.description}
        </p>
      </Card>
      {isLive(spec.status) && (
        <p className="sr-only" role="status">
          Phase {spec.current_phase}, {spec.progress} percent planned, {done} of {tasks.length} tasks done.
        </p>
      )}
    </aside>
  );
}
