import { setTimeout as sleep } from 'node:timers/promises';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { playTracker, trackerProject, trackerWork } from '#tests/support/tracker.ts';
import type { Evidence } from './invariants.ts';
import { planOf, type Fault, type Plan } from './plan.ts';
import { claimDone, count, countFile, playWork, read, review, write, type Action, type Work } from './played-work.ts';
import { misbehave, FaultInjector, type KillQueue } from './inject-faults.ts';
import type { Place, World } from './world.ts';

const patienceMs = 240_000;

export interface Outcome {
  plan: Plan;
  place: Place;
  /** How it ended: a pull request, cancelled, or the error message. */
  end: string;
  effects: Evidence['effects'];
  accepted: Evidence['accepted'];
}

function turnsOf(plan: Plan): Action[][] {
  return plan.steps.map((step, i): Action[] => {
    switch (step) {
      case 'count':
        return [count(`count${i}`)];
      case 'slow_count':
        return [count(`slow${i}`, 1)];
      case 'two_counts':
        return [count(`one${i}`), count(`two${i}`)];
      case 'write':
        return [write(`write${i}`, `src/part${i}.js`, `export const part = ${i};\n`)];
      case 'reads':
        return [read(`readme${i}`, 'README.md'), read(`sum${i}`, 'src/sum.js')];
    }
  });
}

const turnOf = (request: Played) => request.body.messages.filter((message) => message.role === 'assistant').length + 1;

/** One seed: its work, played by a sensible model, and its faults, each struck once when its turn comes. */
class SeededPlay {
  private readonly plan: Plan;
  private readonly work: Work;
  private readonly waiting: Set<Fault>;
  private readonly deeds: Promise<void>[] = [];
  private injector!: FaultInjector;
  private place!: Place;

  constructor(
    private readonly world: World,
    private readonly kills: KillQueue,
    seed: number,
  ) {
    this.plan = planOf(seed);
    // Something has to come of it, and be counted.
    this.work = { turns: [...turnsOf(this.plan), [count('last')]], done: claimDone };
    this.waiting = new Set(this.plan.faults);
  }

  private get isSpec(): boolean {
    return this.plan.work === 'spec';
  }

  private answer(request: Played): Reply {
    const { kind } = request.context;
    const good = this.isSpec
      ? playTracker(request, this.place.word)
      : playWork(request, kind === 'validation' ? review : this.work);
    if (kind !== 'task' && kind !== 'phase') return good;
    const due = [...this.waiting].filter((fault) => fault.turn <= turnOf(request));
    const slip = due.find((fault) => fault.kind === 'model');
    for (const fault of due) {
      if (fault.kind === 'model') continue;
      this.waiting.delete(fault);
      this.deeds.push(this.injector.inject(fault, request.user_id.replace('run:', '')));
    }
    if (!slip) return good;
    this.waiting.delete(slip);
    return misbehave(slip, good, request);
  }

  async play(): Promise<Outcome> {
    this.place = await this.placed();
    const started = await this.start();
    const end = await this.ended(started);
    await Promise.all(this.deeds);
    return {
      plan: this.plan,
      place: this.place,
      end,
      effects: end === 'pull request' ? await this.effects() : [],
      accepted: this.injector.accepted,
    };
  }

  /** A project to work in; asked for again where another seed's kill came between. */
  private async placed(): Promise<Place> {
    for (const until = Date.now() + patienceMs; ;) {
      await this.world.stack.ready();
      try {
        return await this.world.place((request) => this.answer(request), {}, this.isSpec ? trackerProject : undefined);
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  }

  /** Starts the work; asks again under the same key where a kill came between. */
  private async start(): Promise<string> {
    const { word, id } = this.place;
    this.injector = new FaultInjector(this.world, this.kills, this.place);
    const title = this.isSpec ? `Export tasks ${word}` : `Do the work ${word}`;
    const body = this.isSpec
      ? { project_id: id, title, description: 'All tasks as a CSV file.', auto_execute: true }
      : { project_id: id, title, description: `The work of ${word}`, workflow_mode: 'quick' };
    const { body: made } = await this.injector.answered('POST', this.isSpec ? '/specs/launch' : '/tickets', () => body);
    return this.isSpec ? `/specs/${String(made.spec_id)}` : `/tasks/${(this.injector.task = String(made.task_id))}`;
  }

  private async ended(path: string): Promise<string> {
    let status = '';
    for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(150)) {
      const { body } = await this.injector.answered('GET', path, () => undefined);
      status = String(body.status);
      if (status === 'cancelled') return status;
      if (status === 'failed') return `failed: ${String(body.error_message ?? body.last_error)}`;
      if (status === 'pr_created') return 'pull request';
      if (status === 'completed') {
        const { body: page } = await this.injector.answered(
          'GET',
          `/pull-requests?project_id=${this.place.id}`,
          () => undefined,
        );
        if ((page.items as object[]).length > 0) return 'pull request';
      }
      if (this.plan.faults.some((fault) => fault.kind === 'model')) await this.resumePaused();
    }
    return `still ${status} after ${patienceMs / 1000} s`;
  }

  /** A model that refuses or only talks pauses its run: a person looks and resumes it. */
  private async resumePaused(): Promise<void> {
    const { body } = await this.injector.answered(
      'GET',
      `/runs?project_id=${this.place.id}&status=paused`,
      () => undefined,
    );
    for (const { id } of body.items as { id: string }[])
      await this.injector.answered('POST', `/runs/${id}/resume`, () => ({}));
  }

  private async effects(): Promise<Evidence['effects']> {
    const { body } = await this.injector.answered('GET', `/pull-requests?project_id=${this.place.id}`, () => undefined);
    const pulls = body.items as { branch: string }[];
    const branch = pulls[0]?.branch ?? '';
    const opened = { what: 'pull request', expected: 1, found: pulls.length };
    if (this.isSpec) {
      const files = this.place.repository.git('ls-tree', '-r', '--name-only', branch).split('\n');
      return [
        opened,
        ...Object.values(trackerWork)
          .flatMap((written) => Object.keys(written))
          .map((file) => ({ what: file, expected: 1, found: files.filter((other) => other === file).length })),
      ];
    }
    const lines = this.place.repository.show(branch, countFile).split('\n');
    const labels = this.work.turns
      .flat()
      .filter((action) => JSON.stringify(action.input).includes(countFile))
      .map((action) => action.label);
    return [
      opened,
      ...labels.map((label) => ({ what: label, expected: 1, found: lines.filter((line) => line === label).length })),
    ];
  }
}

export const playSeed = (world: World, kills: KillQueue, seed: number): Promise<Outcome> =>
  new SeededPlay(world, kills, seed).play();
