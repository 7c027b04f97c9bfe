import { SpanKind, SpanStatusCode, metrics, trace } from '@opentelemetry/api';
import { ModelError, type ModelPort } from '../ports/model.ts';
import type { Log } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { measures } from '../support/measures.ts';
import { withMembers } from '../support/with-members.ts';
import { ConfigError, type Config } from './config.ts';
import { version } from './version.ts';

/**
 * OBS-03: starts to export what this process measures, if the settings name a place for it. It comes before all that
 * measures.
 * @returns what sends the rest and ends it.
 * @throws ConfigError where the port of the metrics is taken.
 */
export async function startTelemetry({ telemetry }: Config): Promise<() => Promise<void>> {
  const { otlp_endpoint: endpoint, trace_share: traceShare, metrics_port: port, metrics_host: host } = telemetry;
  if (!endpoint && !port) return async () => undefined;
  // Loaded where it is used: off, it costs no time of a start.
  const { startOpenTelemetry } = await import('../adapters/telemetry/open-telemetry.ts');
  return startOpenTelemetry({ version, endpoint, traceShare, ...(port ? { metrics: { host, port } } : {}) }).catch(
    (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      throw taken ? new ConfigError([`METRICS_PORT: another program has ${port}. Set a free one.`]) : error;
    },
  );
}

/** What waits and works now, read from the store whenever the metrics are read. Every server tells the same. */
export function observeStore(store: Store, log: Log): void {
  const meter = metrics.getMeter('omoios');
  const tasks = meter.createObservableGauge('omoios.tasks', { description: 'Tasks that have not ended, by status' });
  const runs = meter.createObservableGauge('omoios.runs', {
    description: 'Runs that have not ended, by status and what they wait for',
  });
  const outbox = meter.createObservableGauge('omoios.outbox.age', {
    description: 'Seconds that the oldest message has waited to be sent, by channel; 0: none waits',
    unit: 's',
  });
  const loops = meter.createObservableGauge('omoios.loop.age', {
    description: 'Seconds since a watcher last looked at the project that waits longest, by loop; 0: no project works',
    unit: 's',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      try {
        const now = await store.measures();
        for (const { status, count } of now.tasks) result.observe(tasks, count, { status });
        for (const { status, waiting_for, count } of now.runs)
          result.observe(runs, count, { status, waiting_for: waiting_for ?? '' });
        for (const { channel, seconds } of now.outbox) result.observe(outbox, seconds, { channel });
        for (const { loop, seconds } of now.loops) result.observe(loops, seconds, { loop });
      } catch (error) {
        log.warn({ error: String(error) }, 'the metrics lack what the database knows, because it did not answer');
      }
    },
    [tasks, runs, outbox, loops],
  );
}

const tracer = trace.getTracer('omoios');

/** A model whose calls are measured, and part of the trace of their work. Requests and answers are in neither. */
export const measuredModel = (model: ModelPort): ModelPort =>
  withMembers(model, {
    call: (request, hooks) => {
      const named = {
        'gen_ai.provider.name': request.provider ?? model.provider,
        'gen_ai.request.model': request.model,
      };
      return tracer.startActiveSpan(
        `chat ${request.model}`,
        { kind: SpanKind.CLIENT, attributes: { 'gen_ai.operation.name': 'chat', ...named } },
        async (span) => {
          const began = performance.now();
          let outcome = 'answered';
          try {
            const answer = await model.call(request, hooks);
            const { usage } = answer;
            span.setAttributes({
              'gen_ai.response.model': answer.model,
              'gen_ai.response.finish_reasons': [answer.stop_reason],
              'gen_ai.usage.input_tokens': usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
              'gen_ai.usage.output_tokens': usage.output_tokens,
            });
            for (const [kind, count] of Object.entries(usage))
              measures.tokens().add(count, { model: request.model, kind: kind.replace(/_tokens$/, '') });
            return answer;
          } catch (error) {
            outcome = error instanceof ModelError ? error.kind : 'error';
            span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
            throw error;
          } finally {
            measures.modelCalls().record((performance.now() - began) / 1000, { model: request.model, outcome });
            span.end();
          }
        },
      );
    },
  });
