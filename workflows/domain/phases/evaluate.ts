import { phases, type PhaseId, type PhaseOutputs, type PriorOutputs } from './index.ts';
import type { Known, ScoredCriterion, PhaseDefinition, Veto } from './phase.ts';

/** The verdict of a gate on a phase's output. */
export interface GateResult {
  /** Sum of weight times value, 0 to 1, rounded to 4 decimals. */
  score: number;
  threshold: number;
  criteria: ScoredCriterion[];
  vetoes: Veto[];
  passed: boolean;
}

/**
 * Judges an output by rules: it passes when the score reaches the threshold and there is no veto.
 * @param priorOutputs outputs of the earlier phases.
 * @param threshold 0 to 1; 0.7 unless the project sets a higher one.
 */
export function evaluate<P extends PhaseId>(
  phaseId: P,
  output: PhaseOutputs[P],
  priorOutputs: PriorOutputs,
  threshold: number,
  known?: Known,
): GateResult {
  const phase: PhaseDefinition<P> = phases[phaseId];
  const criteria = phase.score(output, priorOutputs, known);
  const vetoes = phase.vetoes(output, priorOutputs, known);
  // Rounded first: in floating point a sum of exactly 0.70 may come out as 0.6999999999999999.
  const score = round(criteria.reduce((sum, { weight, value }) => sum + weight * value, 0));
  return { score, threshold, criteria, vetoes, passed: score >= threshold && vetoes.length === 0 };
}

/** The output for later phases: claims of the model are replaced by values that code computes. */
export function correctOutput<P extends PhaseId>(
  phaseId: P,
  output: PhaseOutputs[P],
  priorOutputs: PriorOutputs,
): PhaseOutputs[P] {
  const phase: PhaseDefinition<P> = phases[phaseId];
  return phase.correct?.(output, priorOutputs) ?? output;
}

/** The faults as text for the prompt of the next attempt: vetoes first, then criteria by the points they lost. */
export function feedback({ score, threshold, criteria, vetoes, passed }: GateResult): string {
  const lost = ({ weight, value }: ScoredCriterion) => weight * (1 - value);
  const weak = criteria.filter((criterion) => criterion.value < 1).toSorted((a, b) => lost(b) - lost(a));
  return [
    `The gate ${passed ? 'passed' : 'did not pass'} this answer: score ${score}, needed ${threshold}.`,
    ...(vetoes.length ? ['These faults fail it at any score:', ...vetoes.map((veto) => `- ${veto.message}`)] : []),
    ...(weak.length
      ? [
          'To fix, most points first:',
          ...weak.map((item) => `- ${item.name} (${percent(item.value)} of ${item.weight.toFixed(2)}): ${item.note}`),
        ]
      : []),
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
