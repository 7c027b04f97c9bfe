import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { bar, duration, money, paint } from './screen.ts';

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
    const fields = new Fields(event.data);
    if (!this.concerns(fields)) return undefined;
    if (event.type.startsWith('spec.')) return this.applyToSpec(event.type, fields);
    if (event.type.startsWith('task.')) return void this.applyToTask(event.type, fields);
    if (event.type.startsWith('run.')) return void this.applyToRun(event.type, fields);
    return this.applyOther(event.type, fields);
  }

  private concerns(fields: Fields): boolean {
    const { spec_id: specId, ticket_id: ticketId } = this.subject;
    if (specId ? fields.text('spec_id') === specId : fields.text('ticket_id') === ticketId) return true;
    return this.taskOfRun.has(fields.text('run_id')) || this.tasks.has(fields.text('task_id'));
  }

  private applyToSpec(type: string, fields: Fields): Outcome | undefined {
    const phase = fields.text('phase');
    const attempt = fields.number('attempt');
    switch (type) {
      case 'spec.phase_started':
        this.phase = phase;
        if (attempt > 1) this.print(`  ${phase}: attempt ${attempt}`);
        break;
      case 'spec.phase_completed': {
        this.passed.add(phase);
        const again = attempt > 1 ? paint('dim', `  (attempt ${attempt})`) : '';
        const score = fields.number('eval_score').toFixed(2);
        this.print(`${paint('green', '✓')} ${phase.padEnd(13)} score ${score}${again}`);
        break;
      }
      case 'spec.phase_retry': {
        const feedback = fields.text('eval_feedback');
        const reason = fields.has('eval_score')
          ? `did not pass its gate (${fields.number('eval_score').toFixed(2)}): ${firstProblem(feedback)}`
          : feedback;
        this.print(`${paint('yellow', '↺')} ${phase.padEnd(13)} ${reason}`);
        break;
      }
      case 'spec.gate_waiting':
        this.waiting = `${phase} waits for approval: omoios spec approve ${this.subject.spec_id} ${phase}`;
        this.print(`${paint('yellow', '?')} ${this.waiting}`);
        break;
      case 'spec.gate_decided':
        this.waiting = '';
        this.print(`  gate ${phase}: ${fields.text('action')} by ${fields.text('by')}`);
        break;
      case 'spec.synced': {
        const [tickets, tasks, requirements] = ['tickets', 'tasks', 'requirements'].map((of) =>
          fields.number(`${of}_created`),
        );
        this.print(
          `${paint('green', '✓')} board         ${tickets} tickets, ${tasks} tasks, ${requirements} requirements`,
        );
        break;
      }
      case 'spec.status_changed':
        return this.applySpecStatus(fields.text('status'), fields.text('waiting_for'));
    }
    return undefined;
  }

  private applySpecStatus(status: string, waitingFor: string): Outcome | undefined {
    this.waiting = status === 'waiting' ? `waiting for a ${waitingFor}` : '';
    if (status === 'failed' || status === 'cancelled') return status;
    return status === 'waiting' && waitingFor === 'person' ? 'person' : undefined;
  }

  private applyToTask(type: string, fields: Fields): void {
    const id = fields.text('task_id');
    const [title, status] = [fields.text('title'), fields.text('status')];
    const task = this.tasks.get(id);
    if (type === 'task.created') this.tasks.set(id, { key: fields.text('key'), title, status, note: '' });
    if (type === 'task.validation_failed') {
      const feedback = fields.text('feedback').split('\n')[0];
      this.print(
        `${paint('yellow', '↺')} ${nameOf(task)}: review ${fields.number('iteration')} did not pass: ${feedback}`,
      );
    }
    if (type !== 'task.status_changed' || !task) return;
    Object.assign(task, { status, title, note: '' });
    if (status === 'running') this.print(`${paint('blue', '▸')} ${nameOf(task)}`);
    if (status === 'completed') this.print(`${paint('green', '✓')} ${nameOf(task)}`);
    if (status === 'failed') this.print(`${paint('red', '✗')} ${nameOf(task)}: ${fields.text('error_message')}`);
  }

  private applyToRun(type: string, fields: Fields): void {
    if (type === 'run.created') {
      if (fields.has('task_id') || fields.has('spec_id'))
        this.taskOfRun.set(fields.text('run_id'), fields.text('task_id'));
      if (fields.text('kind') === 'merge') this.print(`${paint('magenta', '⋈')} ${fields.text('title')}`);
    }
    const task = this.taskOf(fields);
    if (type === 'run.turn.completed' && task) {
      const tools = fields.list('tools').join(', ');
      task.note = `turn ${fields.number('turn')}${tools ? `: ${tools}` : ''}`;
    }
    if (type === 'run.status_changed') {
      const reason = fields.text('reason');
      if (task && fields.has('waiting_for')) task.note = `waiting for ${fields.text('waiting_for')}: ${reason}`;
      if (fields.text('status') === 'paused') this.print(`${paint('yellow', '‖')} ${nameOf(task)} paused: ${reason}`);
    }
  }

  private applyOther(type: string, fields: Fields): Outcome | undefined {
    switch (type) {
      case 'discovery.branch_created':
        this.print(
          `${paint('magenta', '⑂')} ${nameOf(this.tasks.get(fields.text('source_task_id')))} found: ${fields.text('title')}`,
        );
        break;
      case 'guardian.steering.intervention':
        if (fields.true('sent'))
          this.print(`${paint('yellow', '☞')} guardian to ${nameOf(this.taskOf(fields))}: ${fields.text('message')}`);
        break;
      case 'guardian.intervention.completed': {
        const [before, after] = ['before', 'after'].map((when) => fields.number(`alignment_${when}`).toFixed(2));
        const result = fields.true('recovered') ? paint('green', 'back on track') : 'still off track';
        this.print(`  ${nameOf(this.taskOf(fields))}: alignment ${before} > ${after} ${result}`);
        break;
      }
      case 'merge.conflict':
        this.print(`${paint('yellow', '⋈')} two branches conflict; an agent resolves it`);
        break;
      case 'merge.completed':
        this.print(`${paint('green', '⋈')} branches merged`);
        break;
      case 'cost.recorded':
        this.cost_micros += fields.number('cost_micros');
        break;
      case 'cost.budget.warning':
      case 'cost.budget.exceeded': {
        const [spent, limit] = ['spent', 'limit'].map((of) => money(fields.number(`${of}_micros`)));
        this.print(`${paint('yellow', '$')} budget of the ${fields.text('scope_type')}: ${spent} of ${limit}`);
        break;
      }
      case 'pull_request.opened':
        return 'pr';
      case 'ticket.review_needed':
        return this.subject.spec_id ? undefined : 'person';
      case 'ticket.status_changed':
        return !this.subject.spec_id && fields.text('to_status') === 'cancelled' ? 'cancelled' : undefined;
    }
    return undefined;
  }

  private taskOf(fields: Fields): TaskProgress | undefined {
    return this.tasks.get(this.taskOfRun.get(fields.text('run_id')) ?? '');
  }
}

/** Reads fields of an event's data: a missing or wrong value is empty text, 0 or an empty list. */
class Fields {
  constructor(private readonly data: Record<string, unknown>) {}

  has = (name: string) => this.data[name] !== null && this.data[name] !== undefined;
  true = (name: string) => this.data[name] === true;
  number = (name: string) => Number(this.data[name] ?? 0);
  text = (name: string) => (this.has(name) ? String(this.data[name]) : '');
  list(name: string): unknown[] {
    const value = this.data[name];
    return Array.isArray(value) ? value : [];
  }
}

const nameOf = (task: TaskProgress | undefined) => (task ? `${paint('cyan', task.key)} ${task.title}` : '');

const taskLine = ({ key, title, status, note }: TaskProgress) =>
  `  ${marks[status] ?? '·'} ${key.padEnd(8)} ${title.slice(0, 48).padEnd(48)} ${paint('dim', note || status)}`;

function firstProblem(feedback: string): string {
  return (feedback.split('\n').find((line) => line.startsWith('- ')) ?? feedback.split('\n')[0] ?? '')
    .replace(/^- /, '')
    .slice(0, 140);
}
