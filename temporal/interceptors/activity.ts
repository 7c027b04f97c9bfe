import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Services } from '#activities/ports/services.ts';
import { measures } from '#activities/support/measures.ts';
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
            const { activityType: activity, attempt } = info;
            const took = (outcome: string) => {
              const ms = performance.now() - began;
              measures.activities().record(ms / 1000, { activity, outcome });
              log.debug({ attempt, outcome, ms: Math.round(ms) }, 'activity');
            };
            if (attempt > 1) measures.retries().add(1, { activity });
            const result = await next(input).catch((error: unknown) => {
              took('failed');
              // The message of a failure enters the history too.
              if (error instanceof Error) error.message = redact(error.message);
              throw error;
            });
            took('completed');
            checkSize(`The result of ${activity}`, result);
            return result;
          },
        ),
    },
  });
