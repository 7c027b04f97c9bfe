import { itemId } from '#workflows/domain/inbox.ts';
import { answeredQuestions } from '#workflows/domain/phases/open-questions.ts';
import type { Services } from './services.ts';

type Stored = Pick<Services, 'store'>;

/** What happened in an organization since a time, and what waits there for a person: the page and the mail show the same. */
export async function morningReport(
  services: Stored,
  { organization_id, user_id }: { organization_id: string; user_id: string },
  since: Date,
) {
  const { store } = services;
  const scope = { type: 'global', id: organization_id } as const;
  const [facts, { calls, cost_micros, models }, raises, items, hidden, pulls, decisions] = await Promise.all([
    store.runs.report(organization_id, since),
    store.costs.summary(organization_id, { scope, since }),
    store.runs.nightRaises(organization_id, since),
    store.inbox.items(organization_id),
    store.notices.snoozes(user_id, organization_id),
    store.pullRequests.list(organization_id, {}, { limit: 200 }),
    takenAlone(services, organization_id, since),
  ]);
  return {
    since: since.toISOString(),
    until: new Date().toISOString(),
    runs: facts.counts,
    failures: facts.failures,
    decisions,
    night_raises: raises.map((raise) => ({ ...raise, at: raise.at.toISOString() })),
    // A question is answered on the page of its run.
    waiting_on_you: items
      .filter((item) => !hidden.has(itemId(item)))
      .map(({ kind, id, run_id, title, reason }) =>
        kind === 'question' ? { kind: 'run', id: run_id ?? id, title, reason } : { kind, id, title, reason },
      ),
    pull_requests: pulls.items
      .filter((pull) => pull.created_at >= since || (pull.merged_at && pull.merged_at >= since))
      .map((pull) => ({ id: pull.id, number: pull.number, title: pull.title, state: pull.state, url: pull.url })),
    money: { calls, cost_micros, models, cost_usd: cost_micros / 1e6 },
  };
}

export type MorningReport = Awaited<ReturnType<typeof morningReport>>;

/** What plans that moved since a time assume in place of a person's answer. */
async function takenAlone({ store: { specs } }: Stored, organizationId: string, since: Date) {
  const { items } = await specs.list(organizationId, {}, { limit: 100 });
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
