import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { money } from '../../lib/format.ts';
import { statusOf, type Tone } from '../../lib/status.ts';

interface EventText {
  text: string;
  /** The colour of the dot before it. */
  tone: Tone;
  to?: string;
}

/** An event of a spec as a sentence, with a link where there is one. */
export function describeEvent(
  { type, data }: Pick<EventEnvelope, 'type' | 'data'>,
  spec: { id: string; project_id: string },
): EventText {
  const field = (name: string) => (data[name] === null || data[name] === undefined ? '' : String(data[name]));
  const score =
    data.eval_score === null || data.eval_score === undefined ? '' : ` with ${Number(data.eval_score).toFixed(2)}`;
  const task = `${field('key')} ${field('title')}`.trim();
  switch (type) {
    case 'spec.created':
      return { text: 'Launched', tone: 'neutral' };
    case 'spec.phase_started':
      return {
        text: `${phaseTitle(field('phase'))} started${Number(data.attempt) > 1 ? `, attempt ${field('attempt')}` : ''}`,
        tone: 'neutral',
        to: data.run_id ? `/runs/${field('run_id')}` : undefined,
      };
    case 'spec.phase_completed':
      return { text: `${phaseTitle(field('phase'))} passed its gate${score}`, tone: 'good' };
    case 'spec.phase_retry':
      return {
        text: `${phaseTitle(field('phase'))} did not pass${score} and is retried: ${first(field('eval_feedback'))}`,
        tone: 'warn',
      };
    case 'spec.phase_failed':
      return { text: `${phaseTitle(field('phase'))} failed${score}: ${first(field('eval_feedback'))}`, tone: 'bad' };
    case 'spec.gate_waiting':
      return { text: `${phaseTitle(field('phase'))} waits for a decision`, tone: 'warn' };
    case 'spec.gate_decided':
      return {
        text: `${phaseTitle(field('phase'))}: ${field('action').replace('_', ' ')} by ${field('by')}${data.feedback ? `: ${field('feedback')}` : ''}`,
        tone: data.action === 'approved' ? 'good' : 'warn',
      };
    case 'spec.edited':
      return {
        text: `${phaseTitle(field('phase'))}: ${field('id')} ${field('action')} by ${field('by')}`,
        tone: 'neutral',
      };
    case 'spec.questions_answered':
      return { text: `${field('answered')} open questions answered by ${field('by')}`, tone: 'neutral' };
    case 'spec.retried':
      return { text: `Retried by ${field('by')}${data.feedback ? `: ${field('feedback')}` : ''}`, tone: 'neutral' };
    case 'spec.synced':
      return {
        text: `On the board: ${field('tickets_created')} tickets, ${field('tasks_created')} tasks, ${field('requirements_created')} requirements`,
        tone: 'good',
        to: `/board/${spec.project_id}?spec=${spec.id}`,
      };
    case 'spec.branch_created':
      return { text: `Branch ${field('branch')}`, tone: 'neutral' };
    case 'spec.status_changed':
      return {
        text: `Now: ${statusOf(field('status')).label}${data.error ? `: ${field('error')}` : ''}`,
        tone: data.status === 'failed' ? 'bad' : 'neutral',
      };
    case 'spec.execution_failed':
      return { text: `Failed: ${field('error')}`, tone: 'bad' };
    case 'spec.pr_created':
      return { text: 'Pull request opened', tone: 'good' };
    case 'task.started':
      return { text: `${task} started`, tone: 'neutral' };
    case 'task.completed':
      return { text: `${task} is done`, tone: 'good' };
    case 'task.failed':
      return { text: `${task} failed: ${field('error_message')}`, tone: 'bad' };
    case 'task.cancelled':
      return { text: `${task} was cancelled`, tone: 'neutral' };
    case 'task.validation_failed':
      return { text: `Review of ${task || 'a task'} did not pass: ${first(field('feedback'))}`, tone: 'warn' };
    case 'task.retry_scheduled':
      return { text: `${task} is retried`, tone: 'warn' };
    case 'discovery.recorded':
      return { text: `Found: ${field('title')}`, tone: 'warn' };
    case 'discovery.branch_created':
      return { text: `New task for a finding: ${field('title')}`, tone: 'warn' };
    case 'merge.started':
      return { text: `Merging branches into ${field('target')}`, tone: 'neutral' };
    case 'merge.conflict':
      return { text: 'Two branches conflict; an agent resolves it', tone: 'warn' };
    case 'merge.completed':
      return { text: 'Branches merged', tone: 'good' };
    case 'merge.failed':
      return { text: `Merge failed: ${field('error')}`, tone: 'bad' };
    case 'cost.budget.warning':
      return {
        text: `Budget: ${money(Number(data.spent_micros))} of ${money(Number(data.limit_micros))} spent`,
        tone: 'warn',
      };
    case 'cost.budget.exceeded':
      return { text: `Budget of ${money(Number(data.limit_micros))} is spent`, tone: 'bad' };
    case 'model.request_refused':
      return { text: `The model ${field('model')} refuses ${field('kind')}: ${field('reason')}`, tone: 'bad' };
    case 'pull_request.merged':
      return { text: 'Pull request merged', tone: 'good' };
    case 'pull_request.closed':
      return { text: 'Pull request closed', tone: 'neutral' };
    case 'pull_request.reopened':
      return { text: 'Pull request reopened', tone: 'neutral' };
    default:
      return { text: type, tone: 'neutral' };
  }
}

const first = (feedback: string) =>
  (feedback.split('\n').find((line) => line.startsWith('- ')) ?? feedback.split('\n')[0] ?? '').replace(/^- /, '');
