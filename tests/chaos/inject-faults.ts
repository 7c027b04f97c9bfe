import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { workflowId } from '#workflows/contracts/ids.ts';
import { userMessageSignal } from '#workflows/contracts/run.ts';
import type { Answer } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import type { Evidence } from './invariants.ts';
import type { Fault, parts } from './plan.ts';
import type { World } from './world.ts';

type Part = (typeof parts)[number];

/** The supervisor gives up a part that dies five times within a minute. */
const betweenKillsMs = 15_000;

/** Kills parts of a stack, one after another however many callers ask at once. */
export class KillQueue {
  /** For each part, when it may be killed again. */
  private readonly free = new Map<Part, Promise<unknown>>();
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly world: World) {}

  /** Waits for the part's own pause outside of the queue, so that kills of other parts pass by. */
  async kill(part: Part): Promise<void> {
    const before = this.free.get(part) ?? Promise.resolve();
    const killed = before.then(() => this.killNext(part));
    this.free.set(
      part,
      killed.catch(() => undefined).then(() => sleep(betweenKillsMs)),
    );
    await killed;
  }

  private killNext(part: Part): Promise<void> {
    const killed = this.last.then(async () => {
      this.world.stack.kill(part);
      await sleep(200);
      await this.world.stack.ready();
    });
    this.last = killed.catch(() => undefined);
    return killed;
  }
}

type ModelFault = Extract<Fault, { kind: 'model' }>;

/** The reply of a model that misbehaves in place of a good answer. */
export function misbehave(fault: ModelFault, good: Reply, request: Played): Reply {
  const error = (status: number, type: string): Reply => ({
    status,
    error: { type, message: `The test's model answers ${status}.` },
    // Without this header, 429 is a spend limit, which only a person can raise.
    headers: fault.seconds > 0 || status === 429 ? { 'retry-after': String(fault.seconds) } : {},
  });
  const tools = 'tools' in good ? (good.tools ?? []) : [];
  switch (fault.how) {
    case 'rate_limited':
      return error(429, 'rate_limit_error');
    case 'overloaded':
      return error(529, 'overloaded_error');
    case 'server_error':
      return error(500, 'api_error');
    case 'hang':
      return { hang: true };
    case 'cut':
      return { cut_after_events: 1 + fault.seconds, text: 'I was about to', tools };
    case 'malformed':
      return { tools, raw_inputs: tools.map(() => '{"command": "echo never') };
    case 'unknown_tool':
      return {
        tools: [{ name: 'teleport', input: { to: 'the end' }, id: `toolu_strange_${request.raw.length}` }],
        impossible: true,
      };
    case 'huge':
      return { tools, text: 'word '.repeat(200_000) };
    case 'silent':
      return { text: '', stop_reason: 'end_turn' };
    case 'talk':
      return { text: 'I think that I am done.', stop_reason: 'end_turn' };
    case 'refusal':
      return { text: 'I would rather not.', stop_reason: 'refusal' };
  }
}

/** Injects the faults of a plan into a run from outside, and keeps the messages that were accepted. */
export class FaultInjector {
  readonly accepted: Evidence['accepted'] = [];
  /** The task that may be cancelled, once it is there. */
  task = '';
  private messages = 0;

  constructor(
    private readonly world: World,
    private readonly kills: KillQueue,
    private readonly place: { word: string },
  ) {}

  async inject(fault: Exclude<Fault, ModelFault>, run: string): Promise<void> {
    if ('after_ms' in fault) await sleep(fault.after_ms);
    switch (fault.kind) {
      case 'kill':
        return this.kills.kill(fault.part);
      case 'word':
        return this.speak(fault.way, run);
      case 'noise':
        return this.noise(run);
      case 'pause':
        await this.answered('POST', `/runs/${run}/pause`, () => ({}));
        await sleep(fault.for_ms);
        await this.answered('POST', `/runs/${run}/resume`, () => ({}));
        return;
      case 'cancel':
        await this.answered('POST', `/tasks/${this.task}/cancel`, () => ({}));
        return;
      case 'sandbox':
        return this.breakSandbox(fault.what, run);
    }
  }

  /** Repeats a request until the application answers: a part of it may just have been killed. */
  async answered(method: string, to: string, body: () => object | undefined): Promise<Answer> {
    for (const until = Date.now() + 60_000; ; await sleep(250)) {
      const answer = await this.world.stack.api.request(method, to, body()).catch(() => undefined);
      if (answer && answer.status < 500) return answer;
      if (Date.now() > until)
        throw new Error(`${method} ${to} was never answered; the last answer was ${JSON.stringify(answer)}`);
    }
  }

  private async speak(way: Extract<Fault, { kind: 'word' }>['way'], run: string): Promise<void> {
    if (way === 'signal' || way === 'burst') {
      await Promise.all(
        Array.from({ length: way === 'burst' ? 6 : 1 }, () =>
          this.signal(run, (handle, content) => handle.signal(userMessageSignal, { kind: 'user_message', content })),
        ),
      );
      return;
    }
    // Each try has its own text: whether a broken one was accepted is unknown.
    let content = '';
    const next = () => (content = this.newMessage());
    const answer =
      way === 'constraint'
        ? await this.answered('POST', `/runs/${run}/steer`, () => ({ kind: 'constraint', message: next() }))
        : await this.answered('POST', `/runs/${run}/messages`, () => ({ kind: way, content: next() }));
    if (answer.status === 202) this.accepted.push({ run_id: run, content });
  }

  private newMessage(): string {
    this.messages += 1;
    return `Message ${this.messages} to ${this.place.word}.`;
  }

  /** Sends a signal past the application, as an operator would. A run that has just ended accepts none. */
  private async signal(
    run: string,
    send: (handle: WorkflowHandle, content: string) => Promise<void>,
    readable = true,
  ): Promise<void> {
    const { client, close } = await this.world.stack.temporal();
    try {
      for (const until = Date.now() + 60_000; ; await sleep(250)) {
        const content = this.newMessage();
        try {
          await send(client.workflow.getHandle(workflowId.run(run)), content);
          if (readable) this.accepted.push({ run_id: run, content });
          return;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return;
          if (Date.now() > until) throw error;
        }
      }
    } finally {
      await close();
    }
  }

  /** Signals without news, unreadable ones, and unknown ones: names and inputs as typed by hand. */
  private async noise(run: string): Promise<void> {
    for (const [name, input] of [
      ['wake', {}],
      ['wake', {}],
      ['slot', {}],
      ['steer', { kind: 'sideways' }],
      ['userMessage', 17],
      ['dance', {}],
    ] as const)
      await this.signal(run, (handle) => handle.signal(name, input), false);
  }

  private async breakSandbox(what: 'processes' | 'folder', run: string): Promise<void> {
    const [row] = await this.world.records
      .rows<{ sandbox_id: string }>('SELECT sandbox_id FROM runs WHERE id = $1', [run])
      .catch(() => []);
    const folder = path.join(this.world.stack.address.dataDir, 'sandboxes', row?.sandbox_id ?? 'none');
    try {
      const [, owner] = readFileSync(path.join(folder, 'holder/owner'), 'utf8').split(' ');
      const { 'child-pid': first } = JSON.parse(readFileSync(path.join(folder, 'holder/info'), 'utf8')) as {
        'child-pid': number;
      };
      // Killing its process 1 kills all others inside.
      for (const pid of [Number(owner), first]) process.kill(pid, 'SIGKILL');
    } catch {
      // The sandbox is already gone, or not there yet.
    }
    if (what === 'folder') rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
