import { pino } from 'pino';
import { trace } from '../support/trace.ts';
import type { Log } from '../ports/services.ts';

/** JSON lines on stdout; a field whose name is that of a secret is left out at any depth. */
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
