/** An attempt at a task that has ended, to learn from. */
export interface MemoryInput {
  organization_id: string;
  project_id: string;
  task_id: string;
  attempt: number;
  run_id: string;
  success: boolean;
  /** Why a failed attempt failed; null for a success. */
  message: string | null;
}
