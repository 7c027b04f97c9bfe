import { z } from 'zod';
import { workPhase, type Priority } from './tasks/states.ts';
import { cutStart } from './text.ts';

/** What a failure comes from. */
const failureCauses = ['spec', 'code', 'flaky', 'environment', 'money', 'limit', 'rights', 'model'] as const;
type FailureCause = (typeof failureCauses)[number];

/** Causes that more work may remove. The others wait for a person: no agent has the means. */
const recoverable: readonly FailureCause[] = ['spec', 'code', 'flaky'];

export const diagnosisSchema = z.object({
  cause: z.enum(failureCauses),
  root_cause: z.string().trim().min(1).max(2000),
  hypotheses: z
    .array(
      z.object({
        statement: z.string().trim().min(1).max(1000),
        likelihood: z.number().min(0).max(1),
        supporting_evidence: z.array(z.string().max(1000)).max(10).default([]),
        counterpoints: z.array(z.string().max(1000)).max(10).default([]),
      }),
    )
    .max(5)
    .default([]),
  recommendations: z
    .array(
      z.object({
        description: z.string().trim().min(1).max(2000),
        priority: z.enum(['CRITICAL', 'HIGH', 'MEDIUM', 'LOW']).default('HIGH'),
        estimated_effort: z.enum(['S', 'M', 'L']).default('M'),
      }),
    )
    .max(5)
    .default([]),
  confidence: z.number().min(0).max(1),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** What made a diagnosis begin. */
export const diagnosticTriggers = ['task_failed', 'stuck', 'validation_failures', 'anomaly', 'person'] as const;
export type DiagnosticTrigger = (typeof diagnosticTriggers)[number];

/** What can be said without a model: that it was not said. @param reason why no model did. */
export const diagnosisWithoutModel = (
  reason: string,
  failed: { key: string; error: string | null } | null,
): Diagnosis => ({
  cause: 'model',
  root_cause: `${failed?.error ? `${failed.key} failed: ${cutStart(failed.error, 1000)}` : 'Nothing of this ticket moves.'} No model could say why: ${cutStart(reason, 500)}`,
  hypotheses: [],
  recommendations: [
    {
      description: `Look at ${failed ? `the last turns of ${failed.key}` : 'the tasks of the ticket'}, then retry it, change it or cancel it.`,
      priority: 'HIGH',
      estimated_effort: 'M',
    },
  ],
  confidence: 0,
});

/** Where the work that removes a cause belongs, by the words that describe it. */
function phaseOfRecovery(description: string): string {
  if (/\b(test|validat)/i.test(description)) return 'PHASE_TESTING';
  if (/\b(requirement|clarif)/i.test(description)) return 'PHASE_REQUIREMENTS';
  return workPhase;
}

/** The work that a diagnosis recommends first. */
export function recoveryOf({ recommendations: [first], root_cause }: Diagnosis): {
  text: string;
  priority: Priority;
  phase: string;
} {
  const text = first?.description ?? `Remove this cause and complete the work: ${root_cause}`;
  return { text, priority: first?.priority ?? 'HIGH', phase: phaseOfRecovery(text) };
}

export interface DiagnosticLimits {
  /** Seconds between two diagnoses of a ticket. */
  cooldown: number;
  max_failures: number;
  max_per_ticket: number;
}

export interface DiagnosticHistory {
  /** One is under way. */
  open: boolean;
  /** Seconds since the last one began; null: there was none. */
  last_seconds: number | null;
  /** The same fault was diagnosed before, and waits for a person. */
  same_fault: boolean;
  /** Newest recoveries in a row of which none was completed. */
  failures: number;
  /** Since a person last reset the count. */
  runs: number;
  has_repository: boolean;
}

/** Why no diagnosis begins, as a sentence for a person; null: it may (DEDUP-05). @param by a person asks for it. */
export function refusedDiagnosis(
  history: DiagnosticHistory,
  limits: DiagnosticLimits,
  by: 'person' | 'platform',
): string | null {
  if (history.open) return 'A diagnosis of this ticket is under way.';
  if (history.runs >= limits.max_per_ticket)
    return `The ticket has been diagnosed ${history.runs} times, which is the limit. Reset the count to allow more.`;
  if (history.failures >= limits.max_failures)
    return `${history.failures} recoveries in a row have failed, which is the limit: it needs a person. Reset the count to allow more.`;
  if (!history.has_repository) return 'The project has no repository to work in.';
  if (by === 'person') return null;
  if (history.same_fault) return 'This fault has been diagnosed. It waits for a person.';
  if (history.last_seconds !== null && history.last_seconds < limits.cooldown)
    return `The last diagnosis of this ticket began ${Math.round(history.last_seconds)} s ago; another one may begin after ${limits.cooldown} s.`;
  return null;
}

/** Whether work begins by itself after a diagnosis. @returns why not, as a sentence for a person; null: it does. */
export function whyNoRecovery(
  { cause }: Diagnosis,
  { auto, failed }: { auto: boolean; failed: boolean },
): string | null {
  if (!failed) return 'No task has failed, so there is none to take the place of.';
  if (!recoverable.includes(cause))
    return `The cause is ${cause === 'model' ? 'not known' : `one of ${cause}`}, which more work does not remove: it needs a person.`;
  return auto ? null : 'Recovery tasks do not begin by themselves here (auto_recover).';
}
