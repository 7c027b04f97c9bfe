import type { Headers } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { checkSize } from './payload-size.ts';
import { requestIdHeader } from './request-id.ts';

/** What a client passes on: the id of the request, and its place in a trace, as @temporalio/interceptors-opentelemetry names it. */
const passedOn = [requestIdHeader, '_tracer-data'];

/** In the workflow: limits the size of inputs to activities and children, and passes on the id of the request and its trace. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let own: Headers = {};
  const traced = <T extends { headers: Headers }>(input: T): T => ({ ...input, headers: { ...own, ...input.headers } });
  return {
    inbound: [
      {
        execute(input, next) {
          own = Object.fromEntries(Object.entries(input.headers).filter(([name]) => passedOn.includes(name)));
          return next(input);
        },
      },
    ],
    outbound: [
      {
        async scheduleActivity(input, next) {
          checkSize(`The input of ${input.activityType}`, input.args);
          return next(traced(input));
        },
        async startChildWorkflowExecution(input, next) {
          checkSize(`The input of ${input.workflowType}`, input.options.args);
          return next(traced(input));
        },
        signalWorkflow: (input, next) => next(traced(input)),
        continueAsNew: (input, next) => next(traced(input)),
      },
    ],
  };
};
