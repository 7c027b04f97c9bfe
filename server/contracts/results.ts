import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

/** Bytes of a result's text. */
export const maxResultBytes = 102_400;

const text = z
  .string()
  .min(1)
  .refine(
    (markdown) => new TextEncoder().encode(markdown).length <= maxResultBytes,
    `must have at most ${maxResultBytes} bytes`,
  );
const content = {
  markdown_content: text,
  result_type: z.string().trim().min(1).max(100).default('implementation'),
  summary: z.string().max(2000).default(''),
};
const feedback = z.string().max(10_000).optional();

export const resultSchema = z.object({
  id: uuid,
  project_id: uuid,
  ticket_id: uuid,
  /** Null: the result of the ticket's whole work. */
  task_id: uuid.nullable(),
  /** The run of the agent that reported it. */
  run_id: uuid.nullable(),
  result_type: z.string(),
  summary: z.string(),
  markdown_content: z.string(),
  /** Of a task: unverified, verified, disputed. Of a ticket's work: pending_validation, validated, rejected. */
  status: z.string(),
  submitted_by: z.string(),
  judged_by: z.string().nullable(),
  feedback: z.string().nullable(),
  created_at: isoTime,
  judged_at: isoTime.nullable(),
});
export const reportResults = contract({
  method: 'post',
  path: '/report_results',
  tag: 'results',
  summary: 'Report the result of a task. It is shown, and changes no work',
  auth: 'task:write',
  agent: 'task:write',
  scope: { kind: 'task', from: 'body', field: 'task_id' },
  status: 201,
  body: z.strictObject({ task_id: recordId, ...content }),
  response: resultSchema,
});
export const verifyResult = contract({
  method: 'post',
  path: '/results/{id}/verify',
  tag: 'results',
  summary: 'Say whether the result of a task holds',
  auth: 'task:write',
  scope: byId('result'),
  params: idParams,
  body: z.strictObject({ status: z.enum(['verified', 'disputed']), feedback }),
  response: resultSchema,
  failures: [409],
});
export const taskResults = contract({
  method: 'get',
  path: '/tasks/{id}/results',
  tag: 'results',
  summary: 'Results that were reported of a task, newest first',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  query: pageQuery,
  response: listOf(resultSchema),
});
export const submitResult = contract({
  method: 'post',
  path: '/submit_result',
  tag: 'results',
  summary: 'Submit the result of the whole work on a ticket, for a person to validate',
  auth: 'ticket:write',
  scope: { kind: 'ticket', from: 'body', field: 'workflow_id' },
  status: 201,
  /** workflow_id: the id of the ticket. */
  body: z.strictObject({ workflow_id: recordId, ...content }),
  response: resultSchema,
});
export const validateResult = contract({
  method: 'post',
  path: '/submit_result_validation',
  tag: 'results',
  summary: "Validate or reject the result of a ticket's work",
  auth: 'ticket:write',
  scope: { kind: 'result', from: 'body', field: 'result_id' },
  body: z
    .strictObject({ result_id: recordId, passed: z.boolean(), feedback })
    .refine(({ passed, feedback: words }) => passed || (words ?? '').trim() !== '', {
      path: ['feedback'],
      message: 'is needed for a result that is rejected',
    }),
  response: resultSchema,
  failures: [409],
});
export const workflowResults = contract({
  method: 'get',
  path: '/workflows/{id}/results',
  tag: 'results',
  summary: 'Results of the whole work on a ticket, newest first, by the id of the ticket',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(resultSchema),
});
