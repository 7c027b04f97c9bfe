import { z } from 'zod';

const id = z.string();
const ref = id.nullish();
const merge = z.looseObject({ merge_id: id, ticket_id: ref, spec_id: ref });
const pullRequest = z.looseObject({
  pull_request_id: id,
  number: z.number().int(),
  url: z.string(),
  title: z.string(),
  state: z.string(),
  spec_id: ref,
  ticket_id: ref,
});

const coordination = { data: z.looseObject({ ticket_id: id, task_id: id }), consumers: ['web:project' as const] };

const result = {
  data: z.looseObject({
    result_id: id,
    ticket_id: id,
    task_id: ref,
    result_type: z.string(),
    status: z.string(),
    by: id,
  }),
  consumers: ['web:project' as const],
};

/** Commits, merges, pull requests, the order of tasks, and reported results. */
export const codeEvents = {
  'result.task.submitted': result,
  'result.task.verified': result,
  'result.task.disputed': result,
  'result.workflow.submitted': result,
  'result.workflow.validated': result,
  'coordination.split.created': coordination,
  'coordination.join.created': coordination,
  'coordination.sync.created': coordination,
  'coordination.sync.ready': coordination,
  'coordination.synthesis.completed': coordination,

  'commit.linked': {
    data: z.looseObject({
      ticket_id: id,
      commit_sha: z.string(),
      /** branch, message, pull_request or manual. */
      link_method: z.string(),
      task_id: ref,
      run_id: ref,
      /** The e-mail address of a person, or the platform. */
      linked_by: z.string(),
    }),
    consumers: ['web:project'],
  },

  'merge.started': { data: merge, consumers: ['web:board', 'web:spec'] },
  'merge.conflict': { data: merge, consumers: ['web:board', 'web:spec', 'cli:feature'] },
  'merge.completed': { data: merge, consumers: ['web:board', 'web:spec', 'cli:feature'] },
  'merge.failed': { data: merge, consumers: ['web:board', 'web:spec'] },

  'pull_request.opened': {
    data: pullRequest,
    consumers: ['web:command', 'web:spec', 'web:pull-request', 'cli:feature'],
  },
  'pull_request.updated': { data: pullRequest, consumers: ['web:command', 'web:spec', 'web:pull-request'] },
  'pull_request.merged': { data: pullRequest, consumers: ['web:command', 'web:spec', 'web:pull-request'] },
  'pull_request.closed': { data: pullRequest, consumers: ['web:command', 'web:spec', 'web:pull-request'] },
  'pull_request.approved': { data: pullRequest, consumers: ['web:pull-request'] },
  'pull_request.reopened': { data: pullRequest, consumers: ['web:command', 'web:spec', 'web:pull-request'] },
} as const;
