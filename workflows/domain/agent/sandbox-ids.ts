/**
 * Name of a task's sandbox, omoios-{task8}-{hex6} (EXEC-14). The last digits of the run's id make it unique per
 * attempt.
 */
export const sandboxId = (subjectId: string, runId: string) =>
  `omoios-${subjectId.slice(0, 8)}-${runId.replaceAll('-', '').slice(-6)}`;
/**
 * Name of a phase's sandbox: spec-{spec8}-{phase4}-{hex6}. The last digits of the run's id make it unique per attempt.
 */
export const specSandboxId = (specId: string, phase: string, runId: string) =>
  `spec-${specId.slice(0, 8)}-${phase.slice(0, 4)}-${runId.replaceAll('-', '').slice(-6)}`;
