import { searchMemories } from '#activities/ports/recall.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { evaluateGate, metricTypes } from '#workflows/domain/quality/gate.ts';
import { predict } from '#workflows/domain/quality/prediction.ts';
import type { QualityMetric } from '#prisma/store/quality.ts';
import type * as contracts from '../contracts/quality.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { at, toPageView } from './views.ts';

const toMetricView = (row: QualityMetric) => ({
  id: row.id,
  task_id: row.task_id,
  metric_type: metricTypes.find((type) => type === row.metric_type) ?? ('overall' as const),
  value: row.value,
  source: row.source,
  recorded_at: at(row.created_at),
});

/** The most that a metric can be, where there is one. */
const most: Partial<Record<(typeof metricTypes)[number], number>> = { coverage: 100, overall: 1 };

export async function recordMetric(call: Call, { task_id, metric_type, value }: Body<typeof contracts.recordMetric>) {
  const { services, organization_id, actor } = call;
  const limit = most[metric_type];
  if (limit !== undefined && value > limit)
    throw new AppError('invalid_rule', `value: ${metric_type} is from 0 to ${limit}.`);
  const { project_id } = await services.store.tasks.get(organization_id, task_id);
  const id = call.newId('metric');
  const source = actor.email;
  return toMetricView(
    await services.store.quality.record({ id, organization_id, project_id, task_id, metric_type, value, source }),
  );
}

export const listMetrics = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.listMetrics>,
) => toPageView(await services.store.quality.page(organization_id, id, page), toMetricView);

export async function evaluateQuality({ services, organization_id }: Call, gate: string, task_id: string) {
  if (gate !== 'default') throw notFound('gate of quality');
  const task = await services.store.tasks.get(organization_id, task_id);
  const { coverage, lint, complexity, overall } = services.config.quality;
  const values = await services.store.quality.newest(organization_id, task_id);
  const results = evaluateGate(values, { coverage, lint, complexity, overall });
  const passed = results.every((result) => result.passed);
  const reasons = results.filter((result) => !result.passed).map(({ reason }) => reason);
  await services.store.quality.evaluated(task, gate, passed, reasons);
  return { gate, passed, results };
}

/** Least similarity of a task that counts, and how many tasks and patterns do. */
const [similarFrom, mostEvidence] = [0.5, 5];

export async function predictQuality(
  { services, organization_id }: Call,
  input: Body<typeof contracts.predictQuality>,
) {
  const { project_id, task_description: text, task_type } = input;
  const [similar, patterns] = await Promise.all([
    searchMemories(
      services,
      { organization_id, project_id },
      {
        ...{ text, top_k: mostEvidence, similarity_threshold: similarFrom, mode: 'semantic' },
        weights: { semantic: 1, keyword: 0 },
      },
    ),
    services.store.patterns.of(project_id, `${task_type} ${text}`, 0, mostEvidence),
  ]);
  const { score, confidence, risk } = predict({
    similar: similar.map(({ similarity, success }) => ({ similarity: similarity ?? 0, success })),
    patterns: patterns.map((pattern) => ({
      confidence: pattern.confidence_score,
      indicators: pattern.success_indicators.length,
    })),
  });
  return {
    predicted_score: score,
    confidence,
    risk_level: risk,
    similar_tasks: similar.map(({ id, similarity, success }) => ({
      memory_id: id,
      similarity: similarity ?? 0,
      success,
    })),
    patterns: patterns.map(({ id, confidence_score }) => ({ pattern_id: id, confidence: confidence_score })),
  };
}

export async function qualityTrends(
  { services, organization_id }: Call,
  { project_id, metric_type, days }: Query<typeof contracts.qualityTrends>,
) {
  const since = new Date(Date.now() - days * 86_400_000);
  const points = (await services.store.quality.trend(organization_id, project_id, metric_type, since)).map(
    ({ day, mean, least, most: highest, count }) => ({
      ...{ day: day.toISOString().slice(0, 10), mean, min: least, max: highest, count },
    }),
  );
  const [first, last] = [points[0], points.at(-1)];
  return { metric_type, points, change: first && last && points.length > 1 ? last.mean - first.mean : null };
}
