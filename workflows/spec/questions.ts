import { answerQuestionsUpdate } from '../contracts/spec.ts';
import { takesAnswers } from '../domain/phases/open-questions.ts';
import { records } from '../support/activities.ts';
import { handleUpdate, refuse } from '../support/handlers.ts';
import type { SpecRun } from './run.ts';

/** The open questions of a plan. Nobody is waited for: a person answers before the design starts, at a gate or earlier. */
export class SpecQuestions {
  /** The phase that is under way or at its gate. */
  phase: string | undefined;
  private answered = false;

  constructor(private readonly spec: SpecRun) {}

  handleUpdates(): void {
    handleUpdate(answerQuestionsUpdate, {
      check: () => {
        const { plan } = this.spec.input;
        if (this.phase === undefined || !takesAnswers(plan.phases, this.phase))
          throw refuse('The design has started: its assumptions hold. Request changes at a gate, or steer a run.');
      },
      apply: async ({ answers, actor }) => {
        const result = await records.answerQuestions({ ...this.spec.ref, answers, by: actor ?? 'operator' });
        this.answered = true;
        return result;
      },
    });
  }

  /** Whether answers have come since the last call. A plan that was made before them is made again. */
  takeAnswered(): boolean {
    const { answered } = this;
    this.answered = false;
    return answered;
  }
}
