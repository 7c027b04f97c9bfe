import { z } from 'zod';
import { byId, contract, idParams } from './contract.ts';

export const callModel = contract({
  method: 'post',
  path: '/runs/{id}/model/v1/messages',
  tag: 'runs',
  summary:
    'Ask the model of a run by the Messages API, with the key of its sandbox. Budgets and limits of the run hold, and the answer and its errors are those of that API',
  auth: 'task:write',
  agent: 'task:write',
  scope: byId('run'),
  failures: [400, 413, 429],
  params: idParams,
  query: z.object({ beta: z.enum(['true', 'false']).optional() }),
  raw_body: true,
  body_mb: 32,
});
