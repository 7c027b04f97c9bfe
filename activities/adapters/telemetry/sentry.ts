import { Scope, createStackParser, createTransport, type ErrorEvent } from '@sentry/core';
import { ServerRuntimeClient, nodeStackLineParser } from '@sentry/core/server';
import { changeTexts } from '#workflows/domain/text.ts';
import { withoutPersonalData } from '#workflows/domain/memory/personal-data.ts';

export interface ErrorReports {
  /** Sends what an error line of the log says. It never throws, and never waits. */
  report(data: object, message: string): void;
  /** Sends what is under way, for at most 2 s. */
  close(): Promise<void>;
}

export interface SentrySettings {
  dsn: string;
  environment: string;
  release: string;
  /** Removes known secrets, and what looks like one. */
  redact(text: string): string;
}

/** How long a report may take. */
const timeoutMs = 5000;

/**
 * OBS-03: reports errors to Sentry without e-mail addresses, numbers of cards, phones and accounts, and tokens. The client
 * for runtimes of Sentry's own core is used: its package for Node brings its own tracing, which would stand beside ours.
 */
export function createErrorReports({ dsn, environment, release, redact }: SentrySettings): ErrorReports {
  const clean = (text: string) => withoutPersonalData(redact(text));
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    release,
    platform: 'node',
    runtime: { name: 'node', version: process.version },
    integrations: [],
    stackParser: createStackParser(nodeStackLineParser()),
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        const answer = await fetch(options.url, {
          method: 'POST',
          body: body as NonNullable<RequestInit['body']>,
          headers: options.headers,
          signal: AbortSignal.timeout(timeoutMs),
        });
        return {
          statusCode: answer.status,
          headers: {
            'retry-after': answer.headers.get('retry-after'),
            'x-sentry-rate-limits': answer.headers.get('x-sentry-rate-limits'),
          },
        };
      }),
    // The last step before an event leaves: whatever put a text into it, it is cleaned.
    beforeSend: (event) => changeTexts(event, clean) as ErrorEvent,
  });
  client.init();
  return {
    report(data, message) {
      const { err, error, ...rest } = data as { err?: unknown; error?: unknown };
      const cause = err ?? error;
      const scope = new Scope();
      scope.setExtras({ ...rest, ...(cause instanceof Error ? {} : { error: cause }) });
      if (cause instanceof Error)
        client.captureException(cause, { data: { message } }, scope.setTag('message', message));
      else client.captureMessage(message, 'error', undefined, scope);
    },
    close: async () => void (await client.close(2000)),
  };
}
