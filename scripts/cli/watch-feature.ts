import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import type { Client } from './client.ts';
import { bar, duration, money, paint, Screen } from './screen.ts';

export type Outcome = 'pr' | 'failed' | 'cancelled' | 'person';

/** The exit code that tells a feature's outcome. */
export const exitCodes: Record<Outcome, number> = { pr: 0, failed: 1, person: 3, cancelled: 4 };

export interface Finished {
  outcome: Outcome;
  message: string;
  pull_request?: { id: string; number: number; url: string; branch: string };
  cost_micros: number;
}

interface TaskLine {
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

/** Follows one feature by its events and draws how far it is; the same for the demo and for `feature --wait`. */
export class FeatureWatch {
  private readonly began = Date.now();
  private readonly screen = new Screen();
  private readonly tasks = new Map<string, TaskLine>();
  private readonly runTask = new Map<string, string>();
  private readonly passed = new Map<string, number>();
  private phase = '';
  private cost = 0;
  private waiting = '';

  constructor(
    private readonly client: Client,
    private readonly subject: { spec_id?: string; ticket_id?: string },
    private readonly quiet = false,
  ) {}

  private say(text: string): void {
    if (!this.quiet) this.screen.line(`${paint('dim', duration(Date.now() - this.began).padStart(7))}  ${text}`);
  }

  private status(frame: string): string[] {
    const done = [...this.tasks.values()].filter((task) => task.status === 'completed').length;
    const planned = this.subject.spec_id ? this.passed.size / phaseIds.length : 1;
    const share = this.subject.spec_id
      ? planned * 0.4 + (this.tasks.size > 0 ? (done / this.tasks.size) * 0.6 : 0)
      : done / Math.max(1, this.tasks.size);
    const head = `${frame} ${bar(share, 28)} ${paint('bold', this.headline(done))}  ${money(this.cost)}  ${duration(Date.now() - this.began)}${this.waiting ? `  ${paint('yellow', this.waiting)}` : ''}`;
    const active = [...this.tasks.values()]
      .filter((task) => !['completed', 'cancelled', 'pending'].includes(task.status))
      .slice(0, 6);
    return [
      head,
      ...active.map(
        (task) =>
          `  ${marks[task.status] ?? '·'} ${task.key.padEnd(8)} ${task.title.slice(0, 48).padEnd(48)} ${paint('dim', task.note || task.status)}`,
      ),
    ];
  }

  private headline(done: number): string {
    if (this.tasks.size > 0) return `${done} of ${this.tasks.size} tasks`;
    return this.phase ? `phase ${this.phase}` : 'starting';
  }

  /** Is the event about this feature? */
  private concerns(event: EventEnvelope): boolean {
    const data = event.data as { spec_id?: string; ticket_id?: string; run_id?: string; task_id?: string };
    if (this.subject.spec_id)
      return (
        data.spec_id === this.subject.spec_id ||
        (data.run_id !== undefined && this.runTask.has(data.run_id)) ||
        (data.task_id !== undefined && this.tasks.has(data.task_id))
      );
    return (
      data.ticket_id === this.subject.ticket_id ||
      (data.run_id !== undefined && this.runTask.has(data.run_id)) ||
      (data.task_id !== undefined && this.tasks.has(data.task_id))
    );
  }

  private take(event: EventEnvelope): Outcome | undefined {
    if (!this.concerns(event)) return undefined;
    const d = event.data as Record<string, string & number & boolean & null>;
    const taskOf = (id: string | undefined) => (id ? this.tasks.get(id) : undefined);
    const name = (task: TaskLine | undefined) => (task ? `${paint('cyan', task.key)} ${task.title}` : '');
    switch (event.type) {
      case 'spec.phase_started':
        this.phase = String(d.phase);
        if (Number(d.attempt) > 1) this.say(`  ${d.phase}: attempt ${d.attempt}`);
        break;
      case 'spec.phase_completed':
        this.passed.set(String(d.phase), Number(d.eval_score));
        this.say(
          `${paint('green', '✓')} ${String(d.phase).padEnd(13)} score ${Number(d.eval_score).toFixed(2)}${Number(d.attempt) > 1 ? paint('dim', `  (attempt ${d.attempt})`) : ''}`,
        );
        break;
      case 'spec.phase_retry':
        this.say(
          `${paint('yellow', '↺')} ${String(d.phase).padEnd(13)} ${d.eval_score === null ? d.eval_feedback : `did not pass its gate (${Number(d.eval_score).toFixed(2)}): ${firstProblem(String(d.eval_feedback ?? ''))}`}`,
        );
        break;
      case 'spec.gate_waiting':
        this.waiting = `waits for approval of ${d.phase}: omoios spec approve ${this.subject.spec_id} ${d.phase}`;
        this.say(`${paint('yellow', '?')} ${this.waiting}`);
        break;
      case 'spec.gate_decided':
        this.waiting = '';
        this.say(`  gate ${d.phase}: ${d.action} by ${d.by}`);
        break;
      case 'spec.synced':
        this.say(
          `${paint('green', '✓')} board         ${d.tickets_created} tickets, ${d.tasks_created} tasks, ${d.requirements_created} requirements`,
        );
        break;
      case 'task.created':
        this.tasks.set(String(d.task_id), {
          key: String(d.key),
          title: String(d.title),
          status: String(d.status),
          note: '',
        });
        break;
      case 'task.status_changed': {
        const task = taskOf(d.task_id);
        if (!task) break;
        Object.assign(task, { status: String(d.status), title: String(d.title), note: '' });
        if (d.status === 'running') this.say(`${paint('blue', '▸')} ${name(task)}`);
        if (d.status === 'completed') this.say(`${paint('green', '✓')} ${name(task)}`);
        if (d.status === 'failed') this.say(`${paint('red', '✗')} ${name(task)}: ${d.error_message}`);
        break;
      }
      case 'task.validation_failed':
        this.say(
          `${paint('yellow', '↺')} ${name(taskOf(d.task_id))}: review ${d.iteration} did not pass: ${String(d.feedback).split('\n')[0]}`,
        );
        break;
      case 'run.created':
        if (d.task_id || d.spec_id) this.runTask.set(String(d.run_id), String(d.task_id ?? ''));
        if (d.kind === 'merge') this.say(`${paint('magenta', '⋈')} ${d.title}`);
        break;
      case 'run.turn.completed': {
        const task = taskOf(this.runTask.get(String(d.run_id)));
        const tools = (event.data.tools as string[]).join(', ');
        if (task) task.note = `turn ${d.turn}${tools ? `: ${tools}` : ''}`;
        break;
      }
      case 'run.status_changed': {
        const task = taskOf(this.runTask.get(String(d.run_id)));
        if (task && d.waiting_for) task.note = `waits for ${d.waiting_for}: ${d.reason}`;
        if (d.status === 'paused') this.say(`${paint('yellow', '‖')} ${name(task)} paused: ${d.reason}`);
        break;
      }
      case 'discovery.branch_created':
        this.say(`${paint('magenta', '⑂')} ${name(taskOf(d.source_task_id))} found something: ${d.title}`);
        break;
      case 'guardian.steering.intervention':
        if (d.sent)
          this.say(
            `${paint('yellow', '☞')} guardian to ${name(taskOf(this.runTask.get(String(d.run_id))))}: ${d.message}`,
          );
        break;
      case 'guardian.intervention.completed':
        this.say(
          `  ${name(taskOf(this.runTask.get(String(d.run_id))))}: alignment ${Number(d.alignment_before).toFixed(2)} > ${Number(d.alignment_after).toFixed(2)} ${d.recovered ? paint('green', 'back on track') : 'still off'}`,
        );
        break;
      case 'merge.conflict':
        this.say(`${paint('yellow', '⋈')} two branches conflict; an agent resolves it`);
        break;
      case 'merge.completed':
        this.say(`${paint('green', '⋈')} branches joined`);
        break;
      case 'cost.recorded':
        this.cost += Number(d.cost_micros);
        break;
      case 'cost.budget.warning':
      case 'cost.budget.exceeded':
        this.say(
          `${paint('yellow', '$')} budget of the ${d.scope_type}: ${money(Number(d.spent_micros))} of ${money(Number(d.limit_micros))}`,
        );
        break;
      case 'pull_request.opened':
        return 'pr';
      case 'spec.status_changed':
        this.waiting = d.status === 'waiting' ? `waits for a ${d.waiting_for}` : '';
        if (d.status === 'failed') return 'failed';
        if (d.status === 'cancelled') return 'cancelled';
        if (d.status === 'waiting' && d.waiting_for === 'person') return 'person';
        break;
      case 'ticket.review_needed':
        return this.subject.spec_id ? undefined : 'person';
      case 'ticket.status_changed':
        if (!this.subject.spec_id && d.to_status === 'cancelled') return 'cancelled';
        break;
    }
    return undefined;
  }

  /** Watches from an event's number on until the feature has its outcome. */
  async until(after: number): Promise<Finished> {
    if (!this.quiet) this.screen.live((frame) => this.status(frame));
    let outcome: Outcome | undefined;
    const feed = this.client.events((event) => {
      outcome ??= this.take(event);
      return outcome !== undefined;
    }, after);
    const interrupted = () => feed.close();
    process.once('SIGINT', interrupted);
    await feed.done;
    process.off('SIGINT', interrupted);
    this.screen.end();
    if (!outcome)
      return { outcome: 'cancelled', message: 'No longer watching; the work goes on.', cost_micros: this.cost };
    return this.conclude(outcome);
  }

  private async conclude(outcome: Outcome): Promise<Finished> {
    const query = this.subject.spec_id ? `spec_id=${this.subject.spec_id}` : `ticket_id=${this.subject.ticket_id}`;
    const { items } = await this.client.get<{ items: { id: string; number: number; url: string; branch: string }[] }>(
      `/pull-requests?${query}`,
    );
    const pull = items[0];
    if (outcome === 'pr' && pull)
      return {
        outcome,
        message: `Pull request #${pull.number} is open on ${pull.branch}: ${pull.url}`,
        pull_request: pull,
        cost_micros: this.cost,
      };
    const record = this.subject.spec_id
      ? await this.client.get<{ last_error: string | null; status: string }>(`/specs/${this.subject.spec_id}`)
      : await this.client.get<{ last_error: string | null; status: string }>(`/tickets/${this.subject.ticket_id}`);
    return { outcome, message: record.last_error ?? record.status, cost_micros: this.cost };
  }
}

function firstProblem(feedback: string): string {
  return (feedback.split('\n').find((line) => line.startsWith('- ')) ?? feedback.split('\n')[0] ?? '')
    .replace(/^- /, '')
    .slice(0, 140);
}
