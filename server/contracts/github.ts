import { z } from 'zod';
import { contract, recordId } from './contract.ts';

export const githubWebhook = contract({
  method: 'post',
  path: '/github/webhooks/github',
  tag: 'github',
  summary: 'Take an event of GitHub, which GitHub has signed',
  auth: 'none',
  scope: 'none',
  raw_body: true,
  /** In the address of a webhook that was registered for one project. */
  query: z.object({ project_id: recordId.optional() }),
  status: 202,
  /** `changed`: the pull requests of the platform that are read at GitHub because of it. */
  response: z.object({ changed: z.array(z.string()) }),
  failures: [400, 401],
});
