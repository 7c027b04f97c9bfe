import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { me as whoAmI } from '#server/contracts/auth.ts';
import { listBudgets } from '#server/contracts/budgets.ts';
import { costSummary } from '#server/contracts/costs.ts';
import { newestEvent } from '#server/contracts/events.ts';
import { getOrganization } from '#server/contracts/organizations.ts';
import { report } from '#server/contracts/report.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { watchStatus } from '#server/contracts/watching.ts';
import { addressWith, apiFor } from './api.server.ts';
import { chosenOrganization } from './preferences.ts';

/** Data around every page: the viewer, the projects, and counts of what works and waits. */
export async function loadShell(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const me = await api(whoAmI, {});
  const [first, ...others] = me.organizations;
  if (!first) throw redirect('/onboarding');
  const chosen = chosenOrganization(where.request.headers.get('cookie'));
  const organization = me.organizations.find(({ id }) => id === chosen) ?? (chosen || others.length > 0 ? null : first);
  if (!organization) throw redirect(addressWith('/organization', where.request));
  // Read first: events that happen while the rest loads then arrive over the live feed, and none is missed.
  const { newest } = await api(newestEvent, {});
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const [{ runs, waiting_on_you: waiting }, projects, recent, limits, hour, budgets, watch] = await Promise.all([
    api(report, {}),
    api(listProjects, { query: { status: 'active', limit: 20 } }),
    ifAllowed(api(listRuns, { query: { limit: 30 } })),
    ifAllowed(api(getOrganization, { params: { id: organization.id } })),
    ifAllowed(api(costSummary, { query: { since: hourAgo } })),
    ifAllowed(api(listBudgets, { query: { limit: 200 } })),
    ifAllowed(api(watchStatus, { query: {} })),
  ]);
  const budget = budgets?.items.find((one) => one.scope_type === 'global');
  const guardian = watch?.loops.find((one) => one.loop === 'guardian');
  return {
    me,
    organization: { id: organization.id, name: organization.name },
    newest,
    runs,
    waiting: waiting.length,
    projects: projects.items.map(({ id, name }) => ({ id, name })),
    more_projects: projects.next_cursor !== null,
    recent_runs: (recent?.items ?? []).map(({ id, title, status }) => ({ id, title, status })),
    agents_limit: limits?.max_concurrent_agents ?? null,
    hour_micros: hour?.cost_micros ?? null,
    budget: budget
      ? {
          limit_amount: budget.limit_amount,
          spent_amount: budget.spent_amount,
          alert_threshold: budget.alert_threshold,
        }
      : null,
    guardian: guardian?.last_at ? { at: guardian.last_at, failed: guardian.failed, cycles: guardian.cycles } : null,
    model_provider: where.context.modelProvider,
    now: Date.now(),
  };
}

/** A figure of the frame that the viewer's role may not read is left out; every page shows its own errors. */
const ifAllowed = <T>(answer: Promise<T>): Promise<T | null> => answer.catch(() => null);
