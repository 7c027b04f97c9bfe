import { createHash } from 'node:crypto';
import { workflowId } from '#workflows/contracts/ids.ts';
import { answerQuestionsUpdate } from '#workflows/contracts/spec.ts';
import { normalised } from '#workflows/domain/comparable-text.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { answeredQuestions, takesAnswers } from '#workflows/domain/phases/open-questions.ts';
import type * as contracts from '../contracts/specs.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireApprover } from './specs.ts';

/** The id of a question: it stays when the phase runs again and asks the same. */
const questionId = (question: string) => createHash('sha256').update(normalised(question)).digest('hex').slice(0, 8);

export async function specQuestions({ services, organization_id }: Call, id: string) {
  const spec = await services.store.specs.get(organization_id, id);
  const questions = answeredQuestions(await services.store.specs.outputs(id), spec.answers);
  return {
    open: spec.ended_at === null && takesAnswers(spec.plan.phases, spec.current_phase),
    items: questions.map(({ phase, question, assumption, answer }) => ({
      id: questionId(question),
      phase,
      question,
      assumption,
      answer: answer?.answer ?? null,
      answered_by: answer?.by ?? null,
      answered_at: answer?.at ?? null,
    })),
  };
}

/** Answers open questions in one batch. An unknown id refuses all of them. */
export async function answerQuestions(call: Call, id: string, { answers }: Body<typeof contracts.answerQuestions>) {
  const { services, organization_id, actor } = call;
  await requireApprover(call, await services.store.specs.get(organization_id, id));
  const { items } = await specQuestions(call, id);
  const given = answers.map((answer, index) => {
    const question = items.find((item) => item.id === answer.id)?.question;
    if (question === undefined)
      throw new AppError('not_found', `The plan asks no question ${answer.id}. Read its open questions again.`, [
        { field: `answers.${index}.id`, message: 'is not the id of an open question' },
      ]);
    return { question, answer: answer.answer };
  });
  return services.workflows.update(workflowId.spec(id), answerQuestionsUpdate, { answers: given, actor: actor.email });
}
