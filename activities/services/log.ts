import { pino } from 'pino';
import { trace } from '../support/trace.ts';
import type { Log } from '../ports/services.ts';

/** Writes JSON lines to stdout. Fields with the name of a secret are left out at any depth. */
export function createLog(level: string): Log {
  const secret = ['authorization', 'cookie', 'password', 'api_key', 'key', 'token', 'secret'];
  return pino({
    level,
    base: { service: 'omoios' },
    mixin: () => ({ ...trace.getStore() }),
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  });
}
