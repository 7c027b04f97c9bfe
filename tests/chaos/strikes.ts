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

/** The supervisor takes five deaths of a part within a minute for a defect. */
const betweenKillsMs = 15_000;

/** Kills parts of a stack, one after another however many ask at once. */
export class Executioner {
  private readonly last = new Map<Part, number>();
  private line = Promise.resolve();

  constructor(private readonly world: World) {}

  kill(part: Part): Promise<void> {
    this.line = this.line.then(async () => {
      await sleep(Math.max(0, (this.last.get(part) ?? 0) + betweenKillsMs - Date.now()));
      this.last.set(part, Date.now());
      this.world.stack.kill(part);
      await sleep(200);
      await this.world.stack.ready();
    });
    return this.line;
  }
}

type ModelFault = Extract<Fault, { kind: 'model' }>;

/** What a model does that misbehaves where it would have given a good answer. */
export function misbehave(fault: ModelFault, good: Reply, request: Played): Reply {
  const error = (status: number, type: string): Reply => ({
    status,
    error: { type, message: `The test's model answers ${status}.` },
    headers: fault.seconds > 0 ? { 'retry-after': String(fault.seconds) } : {},
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
      return { tools: [{ name: 'teleport', input: { to: 'the end' }, id: `toolu_strange_${request.raw.length}` }] };
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

/** Carries out what a plan does to a run from outside, and keeps what was accepted. */
export class Strikes {
  readonly accepted: Evidence['accepted'] = [];
  /** The task that may be cancelled, once it is there. */
  task = '';
  private words = 0;

  constructor(
    private readonly world: World,
    private readonly executioner: Executioner,
    private readonly place: { word: string },
  ) {}

  async strike(fault: Exclude<Fault, ModelFault>, run: string): Promise<void> {
    if ('after_ms' in fault) await sleep(fault.after_ms);
    switch (fault.kind) {
      case 'kill':
        return this.executioner.kill(fault.part);
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

  /** Asks until the application is there to answer: a part of it may just have been killed. */
  async answered(method: string, to: string, body: () => object | undefined): Promise<Answer> {
    for (const until = Date.now() + 60_000; ; await sleep(250)) {
      const answer = await this.world.stack.api.request(method, to, body()).catch(() => undefined);
      if (answer && answer.status < 500) return answer;
      if (Date.now() > until)
        throw new Error(`${method} ${to} was answered by nobody; at last: ${JSON.stringify(answer)}`);
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
    // Each try says it otherwise: whether one that broke off was taken in is not known.
    let content = '';
    const next = () => (content = this.newWords());
    const answer =
      way === 'constraint'
        ? await this.answered('POST', `/runs/${run}/steer`, () => ({ kind: 'constraint', message: next() }))
        : await this.answered('POST', `/runs/${run}/messages`, () => ({ kind: way, content: next() }));
    if (answer.status === 202) this.accepted.push({ run_id: run, content });
  }

  private newWords(): string {
    this.words += 1;
    return `Word ${this.words} to ${this.place.word}.`;
  }

  /** Sends a signal past the application, as an operator would. A run that has just ended takes none. */
  private async signal(
    run: string,
    send: (handle: WorkflowHandle, content: string) => Promise<void>,
    readable = true,
  ): Promise<void> {
    const { client, close } = await this.world.stack.temporal();
    try {
      for (const until = Date.now() + 60_000; ; await sleep(250)) {
        const content = this.newWords();
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

  /** Signals that say nothing new, that cannot be read, and that no workflow knows: names and inputs as typed by hand. */
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
      // With its process 1 go all others inside.
      for (const pid of [Number(owner), first]) process.kill(pid, 'SIGKILL');
    } catch {
      // It stands no more, or not yet.
    }
    if (what === 'folder') rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
