import { SpanKind, metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-node';

export interface OpenTelemetrySettings {
  version: string;
  /** Of a collector, without `/v1/…`. Absent: no traces, and metrics only by `metrics`. */
  endpoint?: string;
  /** Share of requests that are traced: 0 to 1. */
  traceShare: number;
  metrics?: { host: string; port: number };
}

/**
 * Only what somebody asked for begins a trace: a request, or work that one started. What the platform does by itself,
 * such as its watchers, would begin one for each activity.
 */
function fromRequests(traced: number): Sampler {
  const ratio = new TraceIdRatioBasedSampler(traced);
  return new ParentBasedSampler({
    root: {
      shouldSample: (context, traceId, _name, kind) =>
        kind === SpanKind.SERVER ? ratio.shouldSample(context, traceId) : { decision: SamplingDecision.NOT_RECORD },
      toString: () => 'FromRequests',
    },
  });
}

/**
 * OBS-03: starts to export traces and metrics of this process.
 * @returns what sends the rest and ends it.
 * @throws when the port of the metrics is taken.
 */
export async function startOpenTelemetry(settings: OpenTelemetrySettings): Promise<() => Promise<void>> {
  const { endpoint, version } = settings;
  const resource = new Resource({ 'service.name': 'omoios', 'service.version': version });
  const at = (path: string) => `${endpoint?.replace(/\/+$/, '')}${path}`;
  const readers: MetricReader[] = [];
  if (settings.metrics) {
    const prometheus = new PrometheusExporter({ ...settings.metrics, preventServerStart: true });
    await prometheus.startServer();
    readers.push(prometheus);
  }
  const closing: (() => Promise<void>)[] = [];
  if (endpoint) {
    readers.push(new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: at('/v1/metrics') }) }));
    const tracing = new NodeTracerProvider({
      resource,
      sampler: fromRequests(settings.traceShare),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: at('/v1/traces') }))],
    });
    tracing.register();
    closing.push(() => tracing.shutdown());
  }
  const measuring = new MeterProvider({ resource, readers });
  metrics.setGlobalMeterProvider(measuring);
  closing.push(() => measuring.shutdown());
  // A collector that is away must not keep the process from its end.
  return async () => void (await Promise.allSettled(closing.map((close) => close())));
}
