import type { WorkflowClientInterceptor } from '@temporalio/client';
import { trace } from '#activities/support/trace.ts';
import { withRequestId } from './request-id.ts';

const traced = <T extends { headers: Parameters<typeof withRequestId>[0] }>(input: T): T => ({
  ...input,
  headers: withRequestId(input.headers, trace.getStore()?.request_id),
});

/** In a client that starts and signals workflows: passes on the id of the request. */
export const clientTrace: WorkflowClientInterceptor = {
  start: (input, next) => next(traced(input)),
  signal: (input, next) => next(traced(input)),
  signalWithStart: (input, next) => next(traced(input)),
  startUpdate: (input, next) => next(traced(input)),
};
