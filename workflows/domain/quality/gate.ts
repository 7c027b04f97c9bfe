/** What is measured of a task's work. */
export const metricTypes = ['coverage', 'lint', 'complexity', 'overall'] as const;
export type MetricType = (typeof metricTypes)[number];

/** Limits of the gate: least coverage in percent, most findings of the linter, most complexity, least overall (0 to 1). */
export type QualityLimits = Record<MetricType, number>;

export interface GateResult {
  metric_type: MetricType;
  /** Null: nothing has measured it. */
  value: number | null;
  condition: '>=' | '<=';
  threshold: number;
  passed: boolean;
  reason: string;
}

const least: Record<MetricType, boolean> = { coverage: true, lint: false, complexity: false, overall: true };

/**
 * How good measured work is as a whole, 0 to 1: the mean of how far each of the three meets its limit. Null while one is
 * missing.
 */
export function overallOf(values: Partial<Record<MetricType, number>>, limits: QualityLimits): number | null {
  const { coverage, lint, complexity } = values;
  if (coverage === undefined || lint === undefined || complexity === undefined) return null;
  const within = (value: number, limit: number) => (value <= limit ? 1 : (limit + 1) / (value + 1));
  const parts = [
    limits.coverage === 0 ? 1 : Math.min(1, coverage / limits.coverage),
    within(lint, limits.lint),
    within(complexity, limits.complexity),
  ];
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

/** EXEC-40: compares what was measured with the limits. What nothing measured fails, and says so. */
export function evaluateGate(values: Partial<Record<MetricType, number>>, limits: QualityLimits): GateResult[] {
  return metricTypes.map((metric_type) => {
    const value = values[metric_type] ?? (metric_type === 'overall' ? overallOf(values, limits) : null);
    const threshold = limits[metric_type];
    const condition = least[metric_type] ? ('>=' as const) : ('<=' as const);
    const passed = value !== null && (least[metric_type] ? value >= threshold : value <= threshold);
    const reason =
      value === null
        ? `${metric_type}: nothing has measured it`
        : `${metric_type} is ${Number(value.toFixed(3))}, wanted ${condition} ${threshold}`;
    return { metric_type, value, condition, threshold, passed, reason };
  });
}
