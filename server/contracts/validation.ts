import { z } from 'zod';
import { criterionVerdictSchema } from '#workflows/domain/requirements/verdict.ts';
import { accepted, byId, contract, idParams, isoTime, recordId, uuid } from './contract.ts';

const evidence = z
  .array(
    z.strictObject({
      criterion_id: z.string().max(200).optional(),
      /** A command of the run, as it ran. */
      command: z.string().max(5000).optional(),
      /** Its id, where it is long. */
      tool_use_id: z.string().max(200).optional(),
      /** What it ended with. Another one than the platform recorded proves nothing. */
      exit_code: z.number().int().min(0).max(255).optional(),
      /** What it printed, in the agent's choice. */
      excerpt: z.string().max(4000).optional(),
    }),
  )
  .max(100)
  .default([]);
const words = z.string().trim().max(20_000);
const recommendations = z.array(z.string().max(2000)).max(20).default([]);

export const completeTask = contract({
  method: 'post',
  path: '/runs/{id}/task-complete',
  tag: 'runs',
  summary:
    'Claim that the task of a run is done, or has failed. The claim is checked like one by the tool complete_task',
  auth: 'task:write',
  agent: 'task:write',
  registered: 'task:write',
  scope: byId('run'),
  params: idParams,
  failures: [409],
  body: z
    .strictObject({
      task_id: recordId,
      success: z.boolean(),
      /** What was changed and why; as an object with the commands of the run that show it. */
      result: z.union([words, z.strictObject({ summary: words, evidence })]).optional(),
      error_message: words.optional(),
    })
    .refine(({ success, error_message: error }) => success || error, {
      path: ['error_message'],
      message: 'is needed for a task that has failed',
    }),
  response: z.object({
    task_id: uuid,
    /** The task's status now. The check of a claim follows, then the review. */
    new_status: z.string(),
    /** taken: it is checked once the step under way has ended. known: another one is being checked, or was accepted. */
    claim: z.enum(['taken', 'known']),
    /** Tasks that could start because this one was completed; empty before. */
    unblocked_tasks: z.array(z.string()),
  }),
});

const review = {
  feedback: words.default(''),
  evidence,
  recommendations,
  /** Verdicts on single acceptance criteria of the requirements that the task serves. */
  criteria: z.array(criterionVerdictSchema).max(100).optional(),
};
export const validationResult = contract({
  method: 'post',
  path: '/runs/{id}/validation-result',
  tag: 'validation',
  summary: 'Give the verdict of a validator, by its run',
  auth: 'task:write',
  agent: 'task:write',
  scope: byId('run'),
  params: idParams,
  body: z.strictObject({ task_id: recordId, passed: z.boolean(), ...review }),
  response: accepted,
});
export const giveReview = contract({
  method: 'post',
  path: '/validation/give_review',
  tag: 'validation',
  summary: 'Give the verdict of the validator that reviews a task',
  auth: 'task:write',
  agent: 'task:write',
  scope: { kind: 'task', from: 'body', field: 'task_id' },
  body: z.strictObject({
    task_id: recordId,
    /** The run of the validator. */
    validator_agent_id: recordId,
    validation_passed: z.boolean(),
    ...review,
  }),
  response: accepted,
});
export const spawnValidator = contract({
  method: 'post',
  path: '/validation/spawn_validator',
  tag: 'validation',
  summary: 'Let a validator review the work of a task for which none is planned',
  auth: 'task:write',
  starts_work: true,
  scope: { kind: 'task', from: 'body', field: 'task_id' },
  status: 202,
  failures: [409],
  body: z.strictObject({ task_id: recordId }),
  response: accepted,
});
export const sendFeedback = contract({
  method: 'post',
  path: '/validation/send_feedback',
  tag: 'validation',
  summary: 'Send feedback on a task to the agent that works on it',
  auth: 'task:write',
  scope: { kind: 'task', from: 'body', field: 'task_id' },
  status: 202,
  failures: [409],
  body: z.strictObject({ task_id: recordId, feedback: words.min(1) }),
  response: z.object({ message_id: z.string() }),
});
export const validationStatus = contract({
  method: 'get',
  path: '/validation/status',
  tag: 'validation',
  summary: 'How the validation of a task stands',
  auth: 'task:read',
  scope: { kind: 'task', from: 'query', field: 'task_id' },
  query: z.object({ task_id: recordId }),
  response: z.object({
    task_id: uuid,
    /** The task's status. */
    state: z.string(),
    enabled: z.boolean(),
    /** Reviews so far, with the one under way. */
    iteration: z.number().int(),
    /** Reviews after which the task fails. */
    max_iterations: z.number().int(),
    review_done: z.boolean(),
    last_feedback: z.string().nullable(),
    /** The run of the validator that works now. */
    validator_agent_id: uuid.nullable(),
    validator_started_at: isoTime.nullable(),
  }),
});
