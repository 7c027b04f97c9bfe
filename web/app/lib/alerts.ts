import { alertMetrics, type AlertChannel, type AlertRule, type AlertSeverity } from '#workflows/domain/watch/alerts.ts';

export const severityTone = {
  info: 'neutral',
  warning: 'warn',
  error: 'bad',
  critical: 'bad',
} as const satisfies Record<AlertSeverity, string>;

export const stateNames = { open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved' } as const;

const channelNames = { slack: 'Slack', email: 'mail', webhook: 'endpoints' } as const satisfies Record<
  AlertChannel,
  string
>;
export const channelName = (channel: AlertChannel): string => channelNames[channel];
export const toldBy = (routing: readonly AlertChannel[]): string => ['pages', ...routing.map(channelName)].join(', ');

/** A name of a rule or a metric as words. */
export const asWords = (name: string): string => name.replaceAll('_', ' ');

/** When a rule holds. A state needs no figures. */
export const ruleWords = ({
  metric,
  operator,
  threshold,
}: Pick<AlertRule, 'metric' | 'operator' | 'threshold'>): string =>
  alertMetrics[metric] === 'state' && operator === '>' && threshold === 0
    ? `while ${asWords(metric)}`
    : `${asWords(metric)} ${operator} ${threshold} (${alertMetrics[metric]})`;
