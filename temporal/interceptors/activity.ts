import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Services } from '#activities/ports/services.ts';
import { trace } from '#activities/support/trace.ts';
import { checkSize } from './payload-size.ts';
import { requestIdOf } from './request-id.ts';

/**
 * In the worker: activities log the ids of their request and workflow, and their result must not exceed the payload
 * limit.
 */
export const activityInterceptor =
  ({ log, redact }: Pick<Services, 'log' | 'redact'>): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute: (input, next) =>
        trace.run(
          {
            request_id: requestIdOf(input.headers),
            workflow_id: info.workflowExecution?.workflowId,
            activity: info.activityType,
          },
          async () => {
            const began = performance.now();
            const result = await next(input).catch((error: unknown) => {
              // The message of a failure enters the history too.
              if (error instanceof Error) error.message = redact(error.message);
              throw error;
            });
            checkSize(`The result of ${info.activityType}`, result);
            log.debug({ attempt: info.attempt, ms: Math.round(performance.now() - began) }, 'activity');
            return result;
          },
        ),
    },
  });
