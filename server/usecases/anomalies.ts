import type { Anomaly } from '#prisma/store/anomalies.ts';
import { projectMetrics, readMetric, samplesTo, type ProjectMetric } from '#workflows/domain/watch/anomalies.ts';
import type * as contracts from '../contracts/anomalies.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, iso, toPageView } from './views.ts';

export async function monitorMetrics(
  { services, organization_id }: Call,
  { project_id }: Query<typeof contracts.monitorMetrics>,
) {
  const { values, baselines, agents } = await services.store.anomalies.metrics(organization_id, project_id);
  return {
    metrics: (Object.keys(projectMetrics) as ProjectMetric[]).map((metric) => {
      const read = readMetric(values[metric]);
      return {
        ...{ metric, unit: projectMetrics[metric], value: values[metric][0] ?? null },
        ...{ mean: null, std: null, deviation: null, severity: null },
        ...read,
        samples: Math.min(Math.max(values[metric].length - 1, 0), samplesTo),
      };
    }),
    agents: agents.map(({ id, name, anomaly }) => ({
      ...{ agent_id: id, name, score: anomaly?.score ?? null, terms: { ...anomaly?.terms } },
      ...{ absent: anomaly?.absent ?? [], in_a_row: anomaly?.in_a_row ?? 0 },
    })),
    baselines: baselines.map(({ project_id: _own, updated_at: _at, ...baseline }) => baseline),
  };
}

const toAnomalyView = ({ organization_id: _own, created_at, acknowledged_at, ...anomaly }: Anomaly) => ({
  ...anomaly,
  created_at: at(created_at),
  acknowledged_at: iso(acknowledged_at),
});

export const listAnomalies = async (
  { services, organization_id }: Call,
  { project_id, severity, acknowledged, ...page }: Query<typeof contracts.listAnomalies>,
) => {
  const seen = acknowledged === undefined ? undefined : acknowledged === 'true';
  const filter = { project_id, severity, acknowledged: seen };
  return toPageView(await services.store.anomalies.page(organization_id, filter, page), toAnomalyView);
};

export const acknowledgeAnomaly = async ({ services, organization_id, actor }: Call, id: string) =>
  toAnomalyView(await services.store.anomalies.acknowledge(organization_id, id, actor.email));
