import { pino } from 'pino';
import { trace } from '../support/trace.ts';
import { withMembers } from '../support/with-members.ts';
import type { Log } from '../ports/services.ts';

/**
 * Writes JSON lines to stdout. Fields with the name of a secret are left out at any depth.
 * @param report is given each line about an error too.
 */
export function createLog(level: string, report?: (data: object, message: string) => void): Log {
  const secret = ['authorization', 'cookie', 'password', 'api_key', 'key', 'token', 'secret'];
  const log = pino({
    level,
    base: { service: 'omoios' },
    mixin: () => ({ ...trace.getStore() }),
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  });
  if (!report) return log;
  return withMembers<Log>(log, {
    error(data, message) {
      log.error(data, message);
      report({ ...trace.getStore(), ...data }, message);
    },
  });
}
