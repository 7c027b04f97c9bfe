import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Config } from '#activities/services/config.ts';

// Between the two, the interceptor of workflows passes the place in the trace on: a workflow itself makes no spans, so
// that traces can be switched on and off while work is under way, and cost nothing where they are off.
const library = () => import('@temporalio/interceptors-opentelemetry');

/** What puts calls of workflows into the trace of their request, where traces are exported. */
export async function callSpans({ telemetry }: Config): Promise<WorkflowClientInterceptor[]> {
  if (!telemetry.otlp_endpoint) return [];
  const { OpenTelemetryWorkflowClientInterceptor: Spans } = await library();
  return [new Spans()];
}

/** What puts activities into the trace of the request that began their work, where traces are exported. */
export async function activitySpans({ telemetry }: Config): Promise<ActivityInterceptorsFactory[]> {
  if (!telemetry.otlp_endpoint) return [];
  const { OpenTelemetryActivityInboundInterceptor: Spans } = await library();
  return [(context) => ({ inbound: new Spans(context) })];
}
