import type { DiagnosticTrigger } from '../domain/diagnosis.ts';

export interface DiagnosticInput {
  diagnostic_id: string;
  organization_id: string;
  project_id: string;
  ticket_id: string;
  /** The task that failed; null: nothing of the ticket moves. */
  task_id: string | null;
  trigger: DiagnosticTrigger;
  /** E-mail address of the person who asked for it; null: the platform did. */
  by: string | null;
}
