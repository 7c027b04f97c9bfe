import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { checkSize } from './payload-size.ts';

/** In the worker: what activities answer. */
export const activitySize: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const result = await next(input);
      checkSize(`The result of ${context.info.activityType}`, result);
      return result;
    },
  },
});
