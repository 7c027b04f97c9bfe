import { oneLine } from '../agent/untrusted.ts';
import type { NewEvent } from '../events/catalogue.ts';
import { phaseTitle } from '../phases/names.ts';
import { cutStart } from '../text.ts';
import type { AlertSeverity } from '../watch/alerts.ts';
import type { NoticeKind, Severity, Waker } from './kinds.ts';

/** What an event says to people. The store adds whose work it is, and what the spec or the ticket is called. */
export interface Notice {
  kind: NoticeKind;
  severity: Severity;
  /** Whether it can wake a person; null: it cannot. */
  wakes: Waker | null;
  text: string;
  /** Path of the page that shows it. */
  link: string;
  spec_id: string | null;
  ticket_id: string | null;
  /** Ids of the only users who are told; absent: whose work it is. */
  people?: string[];
  /** What it may be sent by besides pages, where that is fixed. */
  channels?: string[];
  /** The run that it is about: its spec and ticket are meant where the event names none. */
  run_id: string | null;
}

const mostText = 300;
const text = (value: unknown) => (typeof value === 'string' ? cutStart(oneLine(value), mostText) : '');
const id = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);

const severityOfAlert: Record<AlertSeverity, Severity> = {
  critical: 'critical',
  error: 'high',
  warning: 'normal',
  info: 'low',
};

/** The kind of channel that an alert is about. */
const deadChannel = (data: Record<string, unknown>) => (data.labels as Record<string, string> | undefined)?.channel;

/** The notice of an event; undefined for one that nobody is told about. */
export function noticeOf(event: NewEvent): Notice | undefined {
  const data = event.data as Record<string, unknown>;
  const place = { spec_id: id(data.spec_id), ticket_id: id(data.ticket_id), run_id: id(data.run_id) };
  const spec = `/specs/${place.spec_id}`;
  const ticket = `/tickets/${place.ticket_id}`;
  const run = `/runs/${place.run_id}`;
  const phase = phaseTitle(text(data.phase));
  const task = `${text(data.key)} ${text(data.title)}`;
  switch (event.type) {
    case 'task.completed':
      return { kind: 'agent_complete', severity: 'low', wakes: null, text: `${task} is done.`, link: ticket, ...place };
    case 'spec.execution_completed':
      return { kind: 'agent_complete', severity: 'normal', wakes: 'done', text: 'It is done.', link: spec, ...place };
    case 'task.failed':
      return {
        kind: 'agent_error',
        severity: 'high',
        wakes: 'failure',
        text: `${task} failed: ${text(data.error_message) || text(data.reason)}`,
        link: ticket,
        ...place,
      };
    case 'spec.status_changed': {
      const why = text(data.error);
      if (data.status === 'failed')
        return {
          kind: 'agent_error',
          severity: 'critical',
          wakes: 'failure',
          text: `It failed: ${why}`,
          link: spec,
          ...place,
        };
      return data.waiting_for === 'person'
        ? {
            kind: 'gate_approval',
            severity: 'high',
            wakes: 'failure',
            text: `It needs a person: ${why}`,
            link: spec,
            ...place,
          }
        : undefined;
    }
    case 'run.created':
      return {
        kind: 'agent_spawn',
        severity: 'low',
        wakes: null,
        text: `An agent starts: ${text(data.title)}`,
        link: run,
        ...place,
      };
    case 'spec.phase_completed':
      return {
        kind: 'phase_transition',
        severity: 'low',
        wakes: null,
        text: `${phase} passed its gate.`,
        link: spec,
        ...place,
      };
    case 'spec.gate_waiting':
      return {
        kind: 'gate_approval',
        severity: 'high',
        wakes: 'gate',
        text: `${phase} waits for your decision.`,
        link: spec,
        ...place,
      };
    case 'question.asked':
      return {
        kind: 'gate_approval',
        severity: 'high',
        wakes: 'question',
        text: `An agent asks: ${text(data.question)}`,
        link: run,
        ...place,
      };
    case 'ticket.review_needed':
      return {
        kind: 'gate_approval',
        severity: 'high',
        wakes: 'failure',
        text: `${text(data.key)} needs a person: ${text(data.reason)}`,
        link: ticket,
        ...place,
      };
    case 'run.status_changed':
      return data.waiting_for === 'budget'
        ? {
            kind: 'gate_approval',
            severity: 'high',
            wakes: 'budget',
            text: `An agent waits for money: ${text(data.reason)}`,
            link: run,
            ...place,
          }
        : undefined;
    case 'ticket.comment_added':
    case 'ticket.comment_edited': {
      const people = Array.isArray(data.mentioned) ? data.mentioned.map(String) : [];
      if (people.length === 0) return undefined;
      return {
        kind: 'mentions',
        severity: 'normal',
        wakes: null,
        text: `${text(data.by)} mentions you on ${text(data.key)}: ${text(data.text)}`,
        link: ticket,
        people,
        ...place,
      };
    }
    case 'ticket.approval_pending':
      return {
        kind: 'gate_approval',
        severity: 'high',
        wakes: 'gate',
        text: `${task} waits for your approval.`,
        link: ticket,
        ...place,
      };
    case 'pull_request.opened':
      return {
        kind: 'pr_created',
        severity: 'normal',
        wakes: 'done',
        text: `Pull request #${Number(data.number)} is open: ${text(data.title)}`,
        link: `/pull-requests/${text(data.pull_request_id)}`,
        ...place,
      };
    case 'alert.triggered':
      return {
        kind: 'alert',
        severity: severityOfAlert[text(data.severity) as AlertSeverity],
        wakes: null,
        text: text(data.message),
        link: `/alerts/${text(data.alert_id)}`,
        // A Slack that takes nothing is not told of by Slack.
        channels: Array.isArray(data.routing)
          ? data.routing.map(String).filter((one) => one !== deadChannel(data))
          : [],
        ...place,
      };
    default:
      return undefined;
  }
}
