import type { NewEvent } from '../events/catalogue.ts';

export const alertSeverities = ['info', 'warning', 'error', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

export const alertChannels = ['slack', 'email', 'webhook'] as const;
export type AlertChannel = (typeof alertChannels)[number];

export const operators = ['>', '>=', '<', '<=', '==', '!='] as const;
type Operator = (typeof operators)[number];

/** What alerts are raised on, with the unit of its value. A state is 1 while it lasts, otherwise 0. */
export const alertMetrics = {
  agent_missed_heartbeats: 'heartbeats in a row',
  agent_unresponsive: 'state',
  agent_anomaly_score: 'score of 0 to 1',
  ticket_blocked: 'state',
  critical_ticket_blocked: 'state',
  project_coherence_critical: 'state',
  project_alignment: 'mean of 0 to 1',
  project_minutes_without_agent: 'minutes for which a task could start and no agent works',
  watchdog_remediation_failed: 'state',
  watchdog_escalated: 'state',
  channel_dead: 'state',
  ledger_difference: 'state',
} as const;
export type AlertMetric = keyof typeof alertMetrics;
export const alertMetricNames = Object.keys(alertMetrics) as [AlertMetric, ...AlertMetric[]];

export interface AlertRule {
  name: string;
  metric: AlertMetric;
  operator: Operator;
  threshold: number;
  severity: AlertSeverity;
  routing: AlertChannel[];
  /** Seconds in which an alert of the rule with the same labels is told once. */
  deduplication_window: number;
  enabled: boolean;
}

const everywhere: AlertChannel[] = ['slack', 'email', 'webhook'];
const rule = (
  name: string,
  [metric, operator, threshold]: [AlertMetric, Operator, number],
  [severity, routing, deduplication_window]: [AlertSeverity, AlertChannel[], number],
): AlertRule => ({ name, metric, operator, threshold, severity, routing, deduplication_window, enabled: true });

/** The rules of an organization that has not changed them (WATCH-07, WATCH-14). */
export const defaultAlertRules: readonly AlertRule[] = [
  rule('agent_heartbeat_missed', ['agent_missed_heartbeats', '>', 2], ['warning', ['slack', 'email'], 300]),
  rule('agent_anomaly_high', ['agent_anomaly_score', '>=', 0.8], ['critical', ['slack', 'webhook'], 60]),
  rule('agent_unresponsive', ['agent_unresponsive', '>', 0], ['error', everywhere, 120]),
  rule('ticket_blocked', ['ticket_blocked', '>', 0], ['warning', ['slack'], 600]),
  rule('ticket_blocked_critical', ['critical_ticket_blocked', '>', 0], ['critical', everywhere, 60]),
  rule('project_critical', ['project_coherence_critical', '>', 0], ['critical', everywhere, 600]),
  rule('alignment_low', ['project_alignment', '<', 0.3], ['error', ['slack', 'email'], 600]),
  rule('no_active_agents', ['project_minutes_without_agent', '>=', 5], ['error', everywhere, 600]),
  rule('watchdog_remediation_failed', ['watchdog_remediation_failed', '>', 0], ['critical', everywhere, 30]),
  rule('watchdog_remediation_escalation', ['watchdog_escalated', '>', 0], ['critical', everywhere, 30]),
  rule('ledger_difference', ['ledger_difference', '>', 0], ['critical', everywhere, 86_400]),
  // A channel that takes nothing is told of on the others.
  rule('channel_dead', ['channel_dead', '>', 0], ['error', everywhere, 3600]),
];

/** The rules in force: the organization's own, and the defaults that it has not replaced. */
export function rulesInForce(own: readonly AlertRule[]): AlertRule[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...defaultAlertRules.filter(({ name }) => !names.has(name))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

export function holds({ operator, threshold }: Pick<AlertRule, 'operator' | 'threshold'>, value: number): boolean {
  switch (operator) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}

/** A value of a metric. Alerts on the same labels are one. */
export interface Measurement {
  metric: AlertMetric;
  value: number;
  labels: Record<string, string>;
  project_id: string | null;
  /** What is so, to a person. */
  message: string;
  /** Path of the page of what it is about. */
  link: string;
}

/** An alert is about one thing, whatever the order of its labels. */
export const labelsKey = (labels: Record<string, string>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** What an event measures. */
export function measurementsOf(event: NewEvent): Measurement[] {
  const data = event.data as Record<string, unknown>;
  const project_id = event.project_id ?? null;
  const agent = {
    project_id,
    labels: { agent_id: text(data.agent_id), agent: text(data.name) },
    link: `/agents/${text(data.agent_id)}`,
  };
  const ticket = {
    project_id,
    labels: { ticket_id: text(data.ticket_id), ticket: text(data.key) },
    link: `/tickets/${text(data.ticket_id)}`,
  };
  const project = { project_id, labels: { project_id: project_id ?? '' }, link: `/projects/${project_id}` };
  switch (event.type) {
    case 'agent.heartbeat.missed': {
      const value = Number(data.missed_count);
      const message = `The agent ${text(data.name)} missed ${value} heartbeats in a row.`;
      return [{ ...agent, metric: 'agent_missed_heartbeats', value, message }];
    }
    case 'monitor.agent.anomaly': {
      const value = Number(data.anomaly_score);
      const message = `The agent ${text(data.name)} works unlike others of its kind: its score is ${value.toFixed(2)}.`;
      return [{ ...agent, metric: 'agent_anomaly_score', value, message }];
    }
    case 'agent.status_changed': {
      const status = text(data.new_status);
      const failed = Number(status === 'failed');
      const message = `The agent ${text(data.name)} is ${status}: ${text(data.reason)}`;
      const heard = status === 'idle' || status === 'running' || status === 'terminated';
      return [
        { ...agent, metric: 'agent_unresponsive', value: failed, message },
        ...(heard ? [{ ...agent, metric: 'agent_missed_heartbeats' as const, value: 0, message }] : []),
      ];
    }
    case 'ticket.blocked':
    case 'ticket.unblocked': {
      const value = Number(event.type === 'ticket.blocked');
      const message = `${text(data.key)} is blocked: ${text(data.reason)}`;
      const critical = Number(value === 1 && data.priority === 'CRITICAL');
      return [
        { ...ticket, metric: 'ticket_blocked', value: value - critical, message },
        { ...ticket, metric: 'critical_ticket_blocked', value: critical, message },
      ];
    }
    case 'monitoring.conductor.analysis': {
      const isCritical = data.system_status === 'critical';
      const coherence = Number(data.coherence_score).toFixed(2);
      const score = `The agents of the project work against each other: their coherence is ${coherence}.`;
      const mean = data.average_alignment;
      return [
        { ...project, metric: 'project_coherence_critical', value: Number(isCritical), message: score },
        ...(typeof mean === 'number'
          ? [
              {
                ...project,
                metric: 'project_alignment' as const,
                value: mean,
                message: `The agents of the project have left their goals: their mean alignment is ${mean.toFixed(2)}.`,
              },
            ]
          : []),
      ];
    }
    case 'monitoring.health.check': {
      const minutes = data.minutes_without_agent;
      if (typeof minutes !== 'number') return [];
      const message = `A task could start for ${Math.floor(minutes)} minutes, and no agent works.`;
      return [{ ...project, metric: 'project_minutes_without_agent', value: minutes, message }];
    }
    case 'watchdog.remediation.ended':
    case 'watchdog.escalation':
    case 'watchdog.escalation.ended': {
      const place = project_id ? `/projects/${project_id}` : '/agents';
      const loop = {
        project_id,
        labels: { monitor: text(data.monitor), workflow_id: text(data.workflow_id) },
        link: place,
      };
      if (event.type === 'watchdog.remediation.ended') {
        const message = `The ${text(data.monitor)} loop did not come back: ${text(data.error)}`;
        return [{ ...loop, metric: 'watchdog_remediation_failed', value: Number(data.ok !== true), message }];
      }
      const message = `The ${text(data.monitor)} loop does not run (${text(data.issue)}), and what the watchdog may do did not help. Look at its workflow ${text(data.workflow_id)}.`;
      return [{ ...loop, metric: 'watchdog_escalated', value: Number(event.type === 'watchdog.escalation'), message }];
    }
    case 'alert.channel.failed':
    case 'alert.channel.recovered': {
      const value = Number(event.type === 'alert.channel.failed');
      const labels = { channel: text(data.channel), channel_id: text(data.channel_id) };
      const message = `${text(data.name)} takes no messages: ${text(data.error)}`;
      return [{ labels, project_id: null, link: '/alerts', metric: 'channel_dead', value, message }];
    }
    case 'billing.difference_found': {
      const { id } = event.entity;
      const [credit, entered] = [data.credit_cents, data.entered_cents].map((cents) =>
        (Number(cents) / 100).toFixed(2),
      );
      const message = `The account and its ledger differ, in credit ($${credit} and $${entered}) or in workflows. Ask the operator.`;
      const place = { project_id: null, labels: { organization_id: id }, link: `/organizations/${id}/billing` };
      return [{ ...place, metric: 'ledger_difference', value: 1, message }];
    }
    default:
      return [];
  }
}
