import { RateLimiterPrisma, RateLimiterRes } from 'rate-limiter-flexible';
import type { StoreCore } from './core.ts';

export interface Rate {
  /** Requests within `seconds`; 0: no limit. */
  points: number;
  seconds: number;
}

/** Counts requests in the database, so that all processes share a limit. */
export function rateLimitsStore(core: StoreCore) {
  const limiters = new Map<string, RateLimiterPrisma>();
  return {
    /** Counts a request. @returns seconds until the next one is allowed; 0 when this one is. */
    consume: async (name: string, key: string, { points, seconds }: Rate): Promise<number> => {
      if (points === 0) return 0;
      let limiter = limiters.get(name);
      if (!limiter) {
        limiter = new RateLimiterPrisma({
          storeClient: core.prisma,
          tableName: 'rateLimit',
          keyPrefix: name,
          points,
          duration: seconds,
          clearExpiredByTimeout: false,
        });
        limiters.set(name, limiter);
      }
      const counted = limiter;
      try {
        await core.read(() => counted.consume(key));
        return 0;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      }
    },
  };
}
