import type { TaskInput } from '../contracts/work.ts';
import { SignalHandlers } from '../support/handlers.ts';
import { ProgressReport } from '../support/progress.ts';

/** The parts of a task's work that its loop, its slot and its attempts share. */
export class TaskRun {
  readonly progress = new ProgressReport('waiting for a slot');
  readonly signals: SignalHandlers;
  readonly ref: { organization_id: string; task_id: string };
  attempt: number;
  /** Reviews of the present attempts; a person's retry starts again at 0. */
  round = 0;

  /** Set-up and the first check of the project are known, or nobody finds them out. */
  surveyed = false;

  constructor(readonly input: TaskInput) {
    this.signals = new SignalHandlers(input);
    this.ref = { organization_id: input.organization_id, task_id: input.task_id };
    this.attempt = input.attempts ?? 0;
  }
}
