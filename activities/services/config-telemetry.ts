import { z } from 'zod';
import { port, secret, share, text } from './config-values.ts';

/** What the installation tells of itself to programs that watch it. Nothing of it is on by default. */
export const telemetrySchema = z.strictObject({
  /** A collector of OpenTelemetry, by HTTP: it gets traces at /v1/traces and metrics at /v1/metrics. */
  otlp_endpoint: z.url().optional(),
  /** Share of requests that are traced (0 to 1), with all work that they start. Looks at /health and /ready never are. */
  trace_share: share.default(0.1),
  /** Where Prometheus reads /metrics. It has no sign-in, so it is a port of its own that only operators may reach. */
  metrics_port: port.optional(),
  metrics_host: text.default('127.0.0.1'),
  /** Where errors go, without personal data and secrets. */
  sentry_dsn: z.url().optional(),
  /** The project at PostHog that counts what people use. It learns ids alone, no names and addresses. */
  posthog_api_key: secret.optional(),
  posthog_host: z.url().default('https://us.i.posthog.com'),
});

export const telemetryNames: Record<string, string> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'telemetry.otlp_endpoint',
  METRICS_PORT: 'telemetry.metrics_port',
  SENTRY_DSN: 'telemetry.sentry_dsn',
  POSTHOG_API_KEY: 'telemetry.posthog_api_key',
  POSTHOG_HOST: 'telemetry.posthog_host',
};
