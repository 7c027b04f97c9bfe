import { metrics } from '@opentelemetry/api';

/** An instrument is made at its first use: one that is made before the exporter starts measures nothing. */
function instrument<T>(make: (meter: ReturnType<typeof metrics.getMeter>) => T): () => T {
  let made: T | undefined;
  return () => (made ??= make(metrics.getMeter('omoios')));
}

const seconds = (name: string, description: string) =>
  instrument((meter) => meter.createHistogram(name, { description, unit: 's' }));
const count = (name: string, description: string) => instrument((meter) => meter.createCounter(name, { description }));

/** OBS-03: what each process counts itself. Where no exporter runs, they cost nothing. */
export const measures = {
  requests: seconds('omoios.http.request.duration', 'Seconds until a request was answered, by route and status'),
  activities: seconds('omoios.activity.duration', 'Seconds of one try of an activity, by its type and outcome'),
  retries: count('omoios.activity.retries', 'Tries of activities after the first, by type'),
  modelCalls: seconds('omoios.model.call.duration', 'Seconds of one call of a model, by model and outcome'),
  tokens: count('omoios.model.tokens', 'Tokens of model calls, by model and kind'),
  turns: count('omoios.turns', 'Turns of agents that were stored, by mode'),
  spent: count('omoios.spent.usd', 'US dollars that turns of agents cost, by model'),
};
