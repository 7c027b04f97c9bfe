import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listBudgets } from '#server/contracts/budgets.ts';
import { costRecords, costSummary, forecastCost } from '#server/contracts/costs.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { costGroups } from '#workflows/domain/billing/scopes.ts';
import { Budgets } from '../components/costs/budgets.tsx';
import { CostsForecast } from '../components/costs/forecast.tsx';
import { CostsOverview } from '../components/costs/overview.tsx';
import { CostRecords } from '../components/costs/records.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Tabs } from '../components/tabs.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Costs · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Costs' }] };

const times = [
  { value: '7', label: '7 days' },
  { value: '', label: '30 days' },
  { value: '90', label: '90 days' },
];

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const { searchParams: search } = new URL(where.request.url);
  const by = costGroups.find((group) => group === search.get('by')) ?? 'model';
  const days = times.some(({ value }) => value === search.get('days')) ? (search.get('days') ?? '') : '';
  // From midnight, so that a reload a moment later asks for the same.
  const since = new Date(Date.now() - (Number(days || 30) - 1) * 86_400_000)
    .toISOString()
    .replace(/T.*/, 'T00:00:00.000Z');
  const projects = async () =>
    (await api(listProjects, { query: { limit: 200 } })).items.map(({ id, name }) => ({ id, name }));
  const of = { days, since };
  switch (search.get('tab')) {
    case 'records':
      return { tab: 'records' as const, ...of, records: await api(costRecords, { query: { since, limit: 100 } }) };
    case 'budgets': {
      const [budgets, known] = await Promise.all([api(listBudgets, { query: { limit: 200 } }), projects()]);
      return { tab: 'budgets' as const, ...of, budgets: budgets.items, projects: known };
    }
    case 'forecast': {
      const working = (['executing', 'waiting', 'paused'] as const).map((status) =>
        api(listSpecs, { query: { status, limit: 10 } }),
      );
      const [known, ...pages] = await Promise.all([projects(), ...working]);
      const specs = await Promise.all(
        pages
          .flatMap(({ items }) => items)
          .slice(0, 10)
          .map(async ({ id, title, status }) => {
            const { spent_micros, low_micros, high_micros, limit_micros, remaining_micros, basis } = await api(
              forecastCost,
              { body: { spec_id: id } },
            );
            return { id, title, status, spent_micros, low_micros, high_micros, limit_micros, remaining_micros, basis };
          }),
      );
      return { tab: 'forecast' as const, ...of, projects: known, specs };
    }
    default: {
      const [summary, perDay] = await Promise.all([
        api(costSummary, { query: { since, group_by: by } }),
        api(costSummary, { query: { since, group_by: 'day' } }),
      ]);
      return { tab: 'overview' as const, ...of, summary, perDay };
    }
  }
};

const tabs = [
  { id: 'overview', label: 'Overview' },
  { id: 'records', label: 'Records' },
  { id: 'budgets', label: 'Budgets' },
  { id: 'forecast', label: 'Forecast' },
] as const;

/** What the work of the organization costs, may cost, and will cost. */
export default function Costs() {
  const page = useLoaderData<typeof loader>();
  const dated = page.tab === 'overview' || page.tab === 'records';
  useRefreshOn((event) => /^(cost\.|budget\.)/.test(event.type), 3000);
  return (
    <div className="space-y-4">
      <PageTitle title="Costs" note="What the calls of models cost at list price.">
        {dated && <FilterLinks name="days" label="Time" options={times} chosen={page.days} />}
      </PageTitle>
      <Tabs label="Parts of the costs" tabs={tabs} active={page.tab} />
      {page.tab === 'overview' && <CostsOverview summary={page.summary} days={page.perDay} since={page.since} />}
      {page.tab === 'records' && <CostRecords first={page.records} since={page.since} />}
      {page.tab === 'budgets' && <Budgets budgets={page.budgets} projects={page.projects} />}
      {page.tab === 'forecast' && <CostsForecast projects={page.projects} specs={page.specs} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
