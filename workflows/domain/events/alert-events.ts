import { z } from 'zod';

const id = z.string();
const alert = z.looseObject({
  alert_id: id,
  rule: z.string(),
  metric: z.string(),
  severity: z.string(),
  message: z.string(),
  current_value: z.number(),
  threshold: z.number(),
  labels: z.record(z.string(), z.string()),
  routing: z.array(z.string()),
  /** Path of the page of what it is about. */
  link: z.string(),
});
const channel = z.looseObject({ channel: z.string(), channel_id: id, name: z.string() });
const page = ['web:alerts', 'audit'] as const;

/** Alerts, and the channels that tell of them. `by`: the e-mail address of a person, or platform. */
export const alertEvents = {
  'alert.triggered': { data: alert, consumers: page },
  'alert.acknowledged': { data: alert.extend({ by: z.string() }), consumers: page },
  'alert.resolved': { data: alert.extend({ by: z.string() }), consumers: page },
  'alert.channel.failed': { data: channel.extend({ error: z.string() }), consumers: page },
  'alert.channel.recovered': { data: channel, consumers: page },
} as const;
