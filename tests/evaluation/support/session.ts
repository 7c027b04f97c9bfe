import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import pRetry from 'p-retry';
import type { Api } from '#tests/support/api.ts';
import type { PlayedModel, Played, Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, finishTask } from '#tests/support/scripts.ts';
import { api as sharedApi, playOnShared } from '#tests/support/shared.ts';
import type { Place } from './own-stack.ts';

export interface Run {
  id: string;
  kind: string;
  mode: string;
  status: string;
  waiting_for: string | null;
  waiting_reason: string | null;
  next_wake_at: string | null;
  attempt: number;
  turn: number;
  iteration: number;
  epoch: number;
  stop_reason: string | null;
  error_message: string | null;
  cost_micros: number;
  sandbox_id: string;
  branch: string;
  base_sha: string;
  head_sha: string;
  outcome: unknown;
}
export interface Turn {
  turn: number;
  epoch: number;
  stop_reason: string;
  waited_ms: number | null;
  started_at: string;
  first_token_ms: number | null;
  answered_at: string | null;
  ended_at: string;
  received: { type: string; text?: string }[];
  content: object[];
  usage: { cache_read_tokens: number; cache_write_tokens: number };
  files_changed: { path: string; change_type: string }[];
  tool_calls: {
    tool_use_id: string;
    name: string;
    status: string;
    result: string | null;
    is_error: boolean;
    exit_code: number | null;
  }[];
}

/** Times of a turn that are missing or contradict each other. */
export function outOfOrder(turn: Turn): string[] {
  const [sent, answered, stored] = [turn.started_at, turn.answered_at, turn.ended_at].map((time) =>
    Date.parse(time ?? ''),
  );
  const wrong = {
    waited: !(typeof turn.waited_ms === 'number' && turn.waited_ms >= 0),
    heard: !(
      typeof turn.first_token_ms === 'number' && turn.first_token_ms <= (answered as number) - (sent as number) + 1
    ),
    stored: !((answered as number) <= (stored as number)),
  };
  return Object.entries(wrong).flatMap(([name, is]) => (is ? [name] : []));
}
export interface Event {
  seq: number;
  type: string;
  at: string;
  data: Record<string, unknown>;
}

/** What an agent's session of a task does when it is asked for the n-th time; the same request again has the same number. */
export type Play = (turn: number, request: Played) => Reply | Promise<Reply>;

/** Several sessions share two cores, with whatever else runs there: a wait that is too short would fail for nothing. */
const patienceMs = 120_000;
jest.setTimeout(180_000);

const finished = ['completed', 'failed', 'cancelled'];
const good: Record<string, string> = { 'src/double.js': 'export const double = (n) => 2 * n;\n' };

/** A sound end of the task, as the session's steps from `first` on. */
export const finish = (turn: number, first: number, request: Played, files = good): Reply =>
  finishTask({ ...request, step: turn - first }, files);

export interface SessionOptions {
  files?: Record<string, string>;
  settings?: object;
  description?: string;
  criteria?: { id: string; text: string; check?: string }[];
  /** Sessions besides the task's first: later attempts do sound work unless this says otherwise. */
  others?: (request: Played) => Reply | undefined;
  /** Hosts the repository at a code host. @returns its address, with a token. */
  hostAt?: (path: string) => string;
  /** A stack of the test's own; the shared one otherwise. */
  on?: Place;
}

/** One quick ticket whose first attempt is played turn by turn; what its runs become is read over REST. */
export class Session {
  private constructor(
    readonly api: Api,
    readonly model: PlayedModel,
    readonly repository: TestRepository,
    readonly project_id: string,
    readonly ticket_id: string,
    readonly task_id: string,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(play: Play, options: SessionOptions = {}): Promise<Session> {
    const seen: string[] = [];
    const numberOf = (raw: string) => (seen.includes(raw) ? seen.indexOf(raw) : seen.push(raw) - 1) + 1;
    const script = (request: Played) => {
      const { kind, attempt } = request.context;
      const answer = options.others?.(request) ?? answerValue(request);
      if (answer) return answer;
      return kind === 'task' && attempt === 1 ? play(numberOf(request.raw), request) : finishTask(request, good);
    };
    const played = await (options.on ? options.on.play(script) : playOnShared(script));
    const api = options.on?.api ?? sharedApi();
    const repository = new TestRepository(options.files);
    const project = await api.post<{ id: string }>('/projects', {
      name: 'evaluated',
      repository: options.hostAt ? { url: options.hostAt(repository.path) } : { path: repository.path },
      settings: { validation: 'none', ...options.settings },
    });
    const ticket = await api.post<{ id: string; task_id: string }>('/tickets', {
      project_id: project.id,
      title: `Double a number ${played.word}`,
      description: options.description ?? 'double(n) in src/double.js',
      workflow_mode: 'quick',
      criteria: options.criteria,
    });
    return new Session(api, played.model, repository, project.id, ticket.id, ticket.task_id, played.stop);
  }

  /** The task's run of an attempt, once it is as wanted. */
  async run(wanted: (run: Run) => boolean = () => true, attempt = 1, timeoutMs = patienceMs): Promise<Run> {
    const pleases = (page: { items: Run[] }) => page.items.some((run) => run.attempt === attempt && wanted(run));
    const page = await this.api.until<{ items: Run[] }>(`/runs?task_id=${this.task_id}&kind=task`, pleases, timeoutMs);
    return page.items.find((run) => run.attempt === attempt) as Run;
  }

  ended = (attempt = 1, timeoutMs?: number) => this.run((run) => finished.includes(run.status), attempt, timeoutMs);
  paused = () => this.run((run) => run.status === 'paused');
  turns = async (run: Run) => (await this.api.get<{ items: Turn[] }>(`/runs/${run.id}/turns?limit=1000`)).items;
  events = async (run: Run) => (await this.api.get<{ items: Event[] }>(`/runs/${run.id}/events?limit=1000`)).items;
  /** Requests of a run's session, in order. */
  asked = (run: Run) => this.model.of(`run:${run.id}`);

  /** The task's status, once it has ended. */
  async taskEnded(timeoutMs = patienceMs): Promise<{
    status: string;
    error_message: string | null;
    head_sha: string | null;
    branch: string;
    attempt: number;
  }> {
    return this.api.until(`/tasks/${this.task_id}`, (task) => finished.includes(task.status), timeoutMs);
  }

  /** Ends whatever still runs, so that nothing of this session disturbs the next one. */
  async stop(): Promise<void> {
    await this.api.request('POST', `/tickets/${this.ticket_id}/cancel`, {});
    for (
      let i = 0;
      i < 200 && !finished.includes((await this.api.get<{ status: string }>(`/tasks/${this.task_id}`)).status);
      i += 1
    )
      await sleep(50);
    await this.end();
    // The last push may still write there, and Node's own retries do not see what came into a folder meanwhile.
    // An error of Node is not one of the test's own realm, and p-retry would not try again after it.
    const remove = () =>
      rm(this.repository.path, { recursive: true, force: true }).catch((error: unknown) => {
        throw new Error(String(error));
      });
    await pRetry(remove, { retries: 20, factor: 1, minTimeout: 100 });
  }
}

/** Plays a session to the point that is looked at, and ends it. */
export async function watch<T>(
  play: Play,
  options: SessionOptions,
  look: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.start(play, options);
  try {
    return await look(session);
  } finally {
    await session.stop();
  }
}
