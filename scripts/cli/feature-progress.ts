import { isTypedEvent, type EventData, type EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { bar, duration, money, paint } from './screen.ts';
import { cutStart } from '#workflows/domain/text.ts';

export type Outcome = 'pr' | 'failed' | 'cancelled' | 'person';

/** The feature that is watched: its spec, or its ticket in quick mode. */
export interface Subject {
  spec_id?: string;
  ticket_id?: string;
}

interface TaskProgress {
  key: string;
  title: string;
  status: string;
  note: string;
}

const marks: Record<string, string> = {
  pending: '·',
  claiming: '·',
  assigned: '▸',
  running: '▸',
  pending_validation: '◇',
  validating: '◇',
  needs_revision: '↺',
  completed: '✓',
  failed: '✗',
  cancelled: '⊘',
};

/** The progress of one feature, computed from its events in order. */
export class FeatureProgress {
  cost_micros = 0;
  private readonly began = Date.now();
  private readonly tasks = new Map<string, TaskProgress>();
  /** The task of each run; empty for a run without a task. */
  private readonly taskOfRun = new Map<string, string>();
  private readonly passed = new Set<string>();
  private phase = '';
  private waiting = '';

  /** `print` is called with each line that the progress log shows. */
  constructor(
    private readonly subject: Subject,
    private readonly print: (line: string) => void,
  ) {}

  get elapsed(): string {
    return duration(Date.now() - this.began);
  }

  /** The lines of the status below the log: a bar, then the tasks in progress. */
  status(frame: string): string[] {
    const done = [...this.tasks.values()].filter((task) => task.status === 'completed').length;
    const share = this.subject.spec_id
      ? (this.passed.size / phaseIds.length) * 0.4 + (this.tasks.size > 0 ? (done / this.tasks.size) * 0.6 : 0)
      : done / Math.max(1, this.tasks.size);
    const head = [
      `${frame} ${bar(share, 28)} ${paint('bold', this.headline(done))}`,
      money(this.cost_micros),
      this.elapsed,
      ...(this.waiting ? [paint('yellow', this.waiting)] : []),
    ].join('  ');
    const active = [...this.tasks.values()]
      .filter((task) => !['completed', 'cancelled', 'pending'].includes(task.status))
      .slice(0, 6);
    return [head, ...active.map(taskLine)];
  }

  private headline(done: number): string {
    if (this.tasks.size > 0) return `${done} of ${this.tasks.size} tasks`;
    return this.phase ? `phase ${this.phase}` : 'starting';
  }

  /** Applies an event. @returns the outcome of the feature when the event decides it. */
  apply(event: EventEnvelope): Outcome | undefined {
    if (!isTypedEvent(event) || !this.concerns(event.data)) return undefined;
    switch (event.type) {
      case 'spec.phase_started':
        this.phase = event.data.phase;
        if (event.data.attempt > 1) this.print(`  ${this.phase}: attempt ${event.data.attempt}`);
        break;
      case 'spec.phase_completed':
        this.onPhaseCompleted(event.data);
        break;
      case 'spec.phase_retry':
        this.onPhaseRetry(event.data);
        break;
      case 'spec.gate_waiting': {
        const { spec_id: specId, phase, open_questions: questions } = event.data;
        if (questions)
          this.print(`${paint('yellow', '?')} ${questions} open questions: omoios spec questions ${specId}`);
        this.waiting = `${phase} waits for approval: omoios spec approve ${specId} ${phase}`;
        this.print(`${paint('yellow', '?')} ${this.waiting}`);
        break;
      }
      case 'spec.gate_decided':
        this.waiting = '';
        this.print(`  gate ${event.data.phase}: ${event.data.action} by ${event.data.by}`);
        break;
      case 'spec.synced': {
        const { tickets_created: tickets, tasks_created: tasks, requirements_created: requirements } = event.data;
        this.print(
          `${paint('green', '✓')} board         ${String(tickets)} tickets, ${String(tasks)} tasks, ${String(requirements)} requirements`,
        );
        break;
      }
      case 'spec.status_changed':
        return this.onSpecStatus(event.data);
      case 'task.created':
        this.tasks.set(event.data.task_id, { ...event.data, note: '' });
        break;
      case 'task.status_changed':
        this.onTaskStatus(event.data);
        break;
      case 'task.validation_failed': {
        const { task_id: id, iteration, feedback } = event.data;
        this.print(
          `${paint('yellow', '↺')} ${nameOf(this.tasks.get(id))}: review ${iteration} did not pass: ${feedback.split('\n')[0]}`,
        );
        break;
      }
      case 'run.created': {
        const { run_id: runId, task_id: taskId, spec_id: specId, kind, title } = event.data;
        if (taskId || specId) this.taskOfRun.set(runId, taskId ?? '');
        if (kind === 'merge') this.print(`${paint('magenta', '⋈')} ${title}`);
        break;
      }
      case 'run.turn.completed': {
        const task = this.taskOf(event.data.run_id);
        const tools = event.data.tools.join(', ');
        if (task) task.note = `turn ${event.data.turn}${tools ? `: ${tools}` : ''}`;
        break;
      }
      case 'run.status_changed': {
        const { run_id: runId, status, waiting_for: waitingFor, reason } = event.data;
        const task = this.taskOf(runId);
        if (task && waitingFor) task.note = `waiting for ${waitingFor}: ${reason}`;
        if (status === 'paused') this.print(`${paint('yellow', '‖')} ${nameOf(task)} paused: ${reason}`);
        if (waitingFor === 'budget' || (waitingFor === 'person' && status === 'waiting'))
          this.print(`${paint('yellow', '?')} ${nameOf(task)} waits: ${reason}`);
        break;
      }
      case 'discovery.branch_created':
        this.print(
          `${paint('magenta', '⑂')} ${nameOf(this.tasks.get(event.data.source_task_id))} found: ${event.data.title}`,
        );
        break;
      case 'guardian.steering.intervention':
        if (event.data.sent)
          this.print(
            `${paint('yellow', '☞')} guardian to ${nameOf(this.taskOf(event.data.run_id))}: ${event.data.message}`,
          );
        break;
      case 'guardian.intervention.completed':
        this.onIntervention(event.data);
        break;
      case 'merge.conflict':
        this.print(`${paint('yellow', '⋈')} two branches conflict; an agent resolves it`);
        break;
      case 'merge.completed':
        this.print(`${paint('green', '⋈')} branches merged`);
        break;
      case 'cost.recorded':
        this.cost_micros += event.data.cost_micros;
        break;
      case 'cost.budget.warning':
      case 'cost.budget.exceeded': {
        const { scope_type: scope, spent_micros: spent, limit_micros: limit } = event.data;
        this.print(`${paint('yellow', '$')} budget of the ${scope}: ${money(spent)} of ${money(limit)}`);
        break;
      }
      case 'model.request_refused':
        this.print(
          `${paint('red', '✗')} the model ${event.data.model} refuses ${event.data.kind}: ${event.data.reason}`,
        );
        break;
      case 'pull_request.opened':
        return 'pr';
      case 'ticket.review_needed':
        return this.subject.spec_id ? undefined : 'person';
      case 'ticket.status_changed':
        return !this.subject.spec_id && event.data.to_status === 'cancelled' ? 'cancelled' : undefined;
      default:
        break;
    }
    return undefined;
  }

  private concerns(data: Record<string, unknown>): boolean {
    const { spec_id: specId, ticket_id: ticketId } = this.subject;
    if (specId ? data.spec_id === specId : data.ticket_id === ticketId) return true;
    return this.taskOfRun.has(String(data.run_id)) || this.tasks.has(String(data.task_id));
  }

  private onPhaseCompleted({ phase, attempt, eval_score: score }: EventData<'spec.phase_completed'>): void {
    this.passed.add(phase);
    const again = attempt > 1 ? paint('dim', `  (attempt ${attempt})`) : '';
    this.print(`${paint('green', '✓')} ${phase.padEnd(13)} score ${(score ?? 0).toFixed(2)}${again}`);
  }

  private onPhaseRetry({ phase, eval_score: score, eval_feedback: feedback }: EventData<'spec.phase_retry'>): void {
    const reason = score === null ? feedback : `did not pass its gate (${score.toFixed(2)}): ${firstProblem(feedback)}`;
    this.print(`${paint('yellow', '↺')} ${phase.padEnd(13)} ${reason}`);
  }

  private onSpecStatus({ status, waiting_for: reason }: EventData<'spec.status_changed'>): Outcome | undefined {
    this.waiting = status === 'waiting' ? `waiting for a ${reason}` : '';
    if (status === 'failed' || status === 'cancelled') return status;
    return status === 'waiting' && reason === 'person' ? 'person' : undefined;
  }

  private onTaskStatus({ task_id: id, status, title, error_message: error }: EventData<'task.status_changed'>): void {
    const task = this.tasks.get(id);
    if (!task) return;
    Object.assign(task, { status, title, note: '' });
    if (status === 'running') this.print(`${paint('blue', '▸')} ${nameOf(task)}`);
    if (status === 'completed') this.print(`${paint('green', '✓')} ${nameOf(task)}`);
    if (status === 'failed') this.print(`${paint('red', '✗')} ${nameOf(task)}: ${error ?? ''}`);
  }

  private onIntervention(data: EventData<'guardian.intervention.completed'>): void {
    const [before, after] = [data.alignment_before, data.alignment_after].map((value) => Number(value ?? 0).toFixed(2));
    const result = data.recovered ? paint('green', 'back on track') : 'still off track';
    this.print(`  ${nameOf(this.taskOf(data.run_id))}: alignment ${before} > ${after} ${result}`);
  }

  private taskOf(runId: string): TaskProgress | undefined {
    return this.tasks.get(this.taskOfRun.get(runId) ?? '');
  }
}

const nameOf = (task: TaskProgress | undefined) => (task ? `${paint('cyan', task.key)} ${task.title}` : '');

const taskLine = ({ key, title, status, note }: TaskProgress) =>
  `  ${marks[status] ?? '·'} ${key.padEnd(8)} ${cutStart(title, 48).padEnd(48)} ${paint('dim', note || status)}`;

function firstProblem(feedback: string): string {
  const lines = feedback.split('\n');
  return cutStart((lines.find((line) => line.startsWith('- ')) ?? lines[0] ?? '').replace(/^- /, ''), 140);
}
