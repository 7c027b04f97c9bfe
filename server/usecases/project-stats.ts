import { leastSimilar, rangeFromHistory } from '#workflows/domain/billing/forecast.ts';
import type { Call } from '../http/context.ts';

const counted = (by_status: Record<string, number>) => ({
  total: Object.values(by_status).reduce((sum, count) => sum + count, 0),
  by_status,
});

export async function projectStats({ services, organization_id }: Call, id: string) {
  const { projectStats: stats, costs } = services.store;
  const [counts, seconds, { cost_micros }] = await Promise.all([
    stats.counts(organization_id, id),
    stats.durations(id),
    costs.summary(organization_id, { scope: { type: 'project', id } }),
  ]);
  const range = seconds.length >= leastSimilar ? rangeFromHistory(seconds, 1) : null;
  return {
    specs: counted(counts.specs),
    tickets: { ...counted(counts.tickets), by_phase: counts.phases },
    tasks: counted(counts.tasks),
    agents: counted(counts.agents),
    commits: counts.commits,
    cost_micros,
    spec_seconds: range && { low: range.low, high: range.high, similar: seconds.length },
  };
}
