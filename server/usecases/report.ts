import type * as contracts from '../contracts/report.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { answeredQuestions } from '#workflows/domain/phases/open-questions.ts';
import { inboxItems } from './inbox.ts';
import { usd } from './views.ts';

/** The morning report: runs and costs since a time, and everything that waits for a person. */
export async function report(call: Call, query: Query<typeof contracts.report>) {
  const { services, organization_id } = call;
  const since = query.since ? new Date(query.since) : new Date(Date.now() - 86_400_000);
  const facts = await services.store.runs.report(organization_id, since);
  const scope = { type: 'global', id: organization_id } as const;
  const { calls, cost_micros, models } = await services.store.costs.summary(organization_id, { scope, since });
  const raises = await services.store.runs.nightRaises(organization_id, since);
  const waiting = (await inboxItems(call)).filter(({ snoozed_until: until }) => until === null);
  const pulls = (await services.store.pullRequests.list(organization_id, {}, { limit: 200 })).items;
  return {
    since: since.toISOString(),
    until: new Date().toISOString(),
    runs: facts.counts,
    failures: facts.failures,
    decisions: await takenAlone(call, since),
    night_raises: raises.map((raise) => ({ ...raise, at: raise.at.toISOString() })),
    // A question is answered on the page of its run.
    waiting_on_you: waiting.map(({ kind, id, run_id, title, reason }) =>
      kind === 'question' ? { kind: 'run', id: run_id ?? id, title, reason } : { kind, id, title, reason },
    ),
    pull_requests: pulls
      .filter((pull) => pull.created_at >= since || (pull.merged_at && pull.merged_at >= since))
      .map((pull) => ({ id: pull.id, number: pull.number, title: pull.title, state: pull.state, url: pull.url })),
    money: { calls, cost_micros, models, cost_usd: usd(cost_micros) },
  };
}

/** What plans that moved since a time assume in place of a person's answer. */
async function takenAlone({ services, organization_id }: Call, since: Date) {
  const { specs } = services.store;
  const { items } = await specs.list(organization_id, {}, { limit: 100 });
  const moved = items.filter((spec) => spec.updated_at >= since);
  const found = await Promise.all(
    moved.map(async (spec) =>
      answeredQuestions(await specs.outputs(spec.id), spec.answers)
        .filter(({ answer }) => answer === null)
        .map(({ phase, question, assumption }) => ({
          spec_id: spec.id,
          project_id: spec.project_id,
          title: spec.title,
          phase,
          question,
          assumption,
        })),
    ),
  );
  return found.flat();
}
