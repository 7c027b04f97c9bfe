import type { MetricType } from '#workflows/domain/quality/gate.ts';
import { metricTypes } from '#workflows/domain/quality/gate.ts';
import type { StoreCore } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { QualityMetric } from '../generated/client.ts';

export interface NewMetric {
  /** A repeated recording with the same id is one. */
  id: string;
  organization_id: string;
  project_id: string;
  task_id: string;
  metric_type: MetricType;
  value: number;
  source: string;
}

/** A day's values of a metric. */
export interface TrendPoint {
  day: Date;
  mean: number;
  least: number;
  most: number;
  count: number;
}

export function qualityStore(core: StoreCore) {
  return {
    record: (metric: NewMetric) =>
      core.change(async (tx, emit) => {
        const known = await tx.qualityMetric.findUnique({ where: { id: metric.id } });
        if (known) return known;
        const row = await tx.qualityMetric.create({ data: metric });
        const { organization_id, project_id, task_id, metric_type, value, source } = row;
        emit({
          type: 'quality.metric.recorded',
          organization_id,
          project_id,
          entity: { kind: 'task', id: task_id },
          data: { task_id, metric_type, value, source },
        });
        return row;
      }),
    page: (organizationId: string, taskId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, ({ where, orderBy, take }) =>
          db.qualityMetric.findMany({
            where: { AND: [{ organization_id: organizationId, task_id: taskId }, where] },
            orderBy,
            take,
          }),
        ),
      ),
    /** The newest value of each metric of a task. */
    newest: (organizationId: string, taskId: string) =>
      core.read(async (db) => {
        const rows = await db.qualityMetric.findMany({
          where: { organization_id: organizationId, task_id: taskId },
          orderBy: [{ created_at: 'desc' }, { id: 'desc' }],
          distinct: ['metric_type'],
        });
        const values: Partial<Record<MetricType, number>> = {};
        for (const type of metricTypes) {
          const row = rows.find(({ metric_type }) => metric_type === type);
          if (row) values[type] = row.value;
        }
        return values;
      }),
    /** That a gate was asked about a task. */
    evaluated: (
      { organization_id, project_id, id }: { organization_id: string; project_id: string; id: string },
      gate: string,
      passed: boolean,
      reasons: string[],
    ) =>
      core.change((_tx, emit) => {
        emit({
          type: 'gate.evaluated',
          organization_id,
          project_id,
          entity: { kind: 'task', id },
          data: { task_id: id, gate, passed, reasons },
        });
        return Promise.resolve();
      }),
    /** The days of a project on which a metric was recorded, the oldest first. */
    trend: (organizationId: string, projectId: string, type: MetricType, since: Date) =>
      core.read(
        (db) => db.$queryRaw<TrendPoint[]>`
          SELECT date_trunc('day', created_at AT TIME ZONE 'UTC') AS day, avg(value) AS mean, min(value) AS least,
            max(value) AS most, count(*)::int AS count
          FROM quality_metrics
          WHERE organization_id = ${organizationId}::uuid AND project_id = ${projectId}::uuid AND metric_type = ${type}
            AND created_at >= ${since}
          GROUP BY 1 ORDER BY 1`,
      ),
  };
}
