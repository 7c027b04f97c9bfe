import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { bundlePath } from '#temporal/bundle.ts';
import { PlayedModel, newWord, type Played, type Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';
import { unreplayable } from './histories.ts';
import type { Evidence } from './invariants.ts';
import { sandboxesIn, slotsHeld, workflowsLeft, worktreesIn } from './leftovers.ts';
import { Records } from './observation.ts';

/** A project of the world, with the word that its requests to the model hold. */
export interface Place {
  word: string;
  id: string;
  repository: TestRepository;
}

export interface Ticket extends Place {
  ticket_id: string;
  task_id: string;
}

/** Asks again for a while: others may be killing who should answer. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 45_000; ; await sleep(500)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

type PlayedReply = Reply | Promise<Reply>;

/** Settings that make waits short, so that a fault and what follows fit into a test. */
const quick = {
  OMOIOS_MONITORING_GUARDIAN_INTERVAL: '3600',
  OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '3600',
  OMOIOS_MONITORING_HEALTH_INTERVAL: '3600',
  OMOIOS_MONITORING_MINIMUM_AGE: '3600',
  OMOIOS_PHASE_RETRY_BACKOFF: '0.05',
  OMOIOS_TASK_RETRY_BACKOFF: '0.05',
  OMOIOS_MODEL_SHORT_WAIT: '2',
  OMOIOS_MODEL_IDLE_TIMEOUT: '4',
};

/** A separate stack, a model played for it, and all evidence of their actions. */
export class World {
  readonly asked: Evidence['asked'] = [];
  /** Answers calls that want one value. */
  values = answerValue;
  private readonly scripts = new Map<string, (request: Played) => PlayedReply>();

  private constructor(
    readonly stack: TestStack,
    readonly model: PlayedModel,
    readonly records: Records,
  ) {}

  /** @param databaseUrl where its records are read, if that is not where it says itself. */
  static async start(env: Record<string, string> = {}, databaseUrl?: string, dataDir?: string): Promise<World> {
    const model = new PlayedModel(() => ({
      status: 400,
      error: { type: 'invalid_request_error', message: 'Nobody plays this.' },
    }));
    await model.start();
    const stack = await TestStack.start(
      {
        MODEL_PROVIDER: 'anthropic',
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'test-key-of-nobody',
        ...quick,
        ...env,
      },
      { dataDir },
    );
    const world = new World(stack, model, databaseUrl ? new Records(databaseUrl) : Records.of(stack));
    model.script = (request) => world.play(request);
    return world;
  }

  private play(request: Played): PlayedReply {
    const run = /^run:(.+)$/.exec(request.user_id)?.[1];
    if (run)
      this.asked.push({
        run_id: run,
        conversation: createHash('sha256').update(JSON.stringify(request.body.messages)).digest('hex'),
        at: new Date(),
      });
    const script = [...this.scripts].find(([word]) => request.raw.includes(word))?.[1];
    if (!script) return { status: 400, error: { type: 'invalid_request_error', message: 'No test plays this.' } };
    return this.values(request) ?? script(request);
  }

  /** A project on a fresh repository whose sessions are played by the script. @param at where it is, by its folder. */
  async place(
    script: (request: Played) => PlayedReply,
    settings: object = {},
    files?: Record<string, string>,
    at: (path: string) => object = (path) => ({ path }),
  ): Promise<Place> {
    const word = newWord();
    this.scripts.set(word, script);
    const repository = new TestRepository(files);
    const { id } = await this.stack.api.post<{ id: string }>('/projects', {
      name: word,
      repository: at(repository.path),
      settings,
    });
    return { word, id, repository };
  }

  async ticket(place: Place, more: object = {}): Promise<Ticket> {
    const created = await this.stack.api.post<{ id: string; task_id: string }>('/tickets', {
      project_id: place.id,
      title: `Do the work ${place.word}`,
      description: `The work of ${place.word}`,
      workflow_mode: 'quick',
      ...more,
    });
    return { ...place, ticket_id: created.id, task_id: created.task_id };
  }

  /** The run of a task that is under way, once there is one. */
  async runOf(task: { task_id: string }, kind = 'task'): Promise<string> {
    const page = await this.stack.api.until<{ items: { id: string }[] }>(
      `/runs?task_id=${task.task_id}&kind=${kind}`,
      (found) => found.items.length > 0,
      60_000,
    );
    return page.items[0]?.id as string;
  }

  /** The ticket's pull request, once it is open. */
  async pullRequest(ticket: Ticket, timeoutMs = 120_000): Promise<{ id: string; branch: string }> {
    const page = await this.stack.api.until<{ items: { id: string; branch: string }[] }>(
      `/pull-requests?project_id=${ticket.id}`,
      (found) => found.items.length > 0,
      timeoutMs,
    );
    return page.items[0] as { id: string; branch: string };
  }

  /**
   * Everything the invariants look at, once the work of the projects has come to its end.
   * @param options.settleMs how long what is being cleared up may take.
   * @param options.bundle the code that every history has to replay on.
   * @param options.others other work is still running: sandboxes are left out, since their owner is unknown.
   */
  async evidence(
    projectIds: string[],
    more: Partial<Pick<Evidence, 'effects' | 'accepted' | 'dearest_call_micros'>> = {},
    { settleMs = 15_000, others = false, bundle = bundlePath } = {},
  ): Promise<Evidence> {
    const { dataDir } = this.stack.address;
    const look = async () => [
      ...(await this.askTemporal(async (client) => [
        ...(await workflowsLeft(client, projectIds)),
        ...(await slotsHeld(client, projectIds)),
      ])),
      ...(others ? [] : sandboxesIn(dataDir)),
      ...worktreesIn(dataDir, projectIds),
    ];
    let leftovers = await look();
    for (const until = Date.now() + settleMs; leftovers.length > 0 && Date.now() < until;) {
      await sleep(200);
      leftovers = await look();
    }
    const rows = await patiently(() => this.records.observe(projectIds));
    const runs = new Set(rows.runs.map((run) => run.id));
    const { failures } = await this.askTemporal((client) => unreplayable(client, projectIds, bundle));
    return {
      rows,
      leftovers,
      unreplayable: failures,
      asked: this.asked.filter((request) => runs.has(request.run_id)),
      effects: [],
      accepted: [],
      dearest_call_micros: 2_000_000,
      ...more,
    };
  }

  private askTemporal<T>(question: (client: Client) => Promise<T>): Promise<T> {
    return patiently(async () => {
      const { client, close } = await this.stack.temporal();
      try {
        return await question(client);
      } finally {
        await close();
      }
    });
  }

  async stop(): Promise<void> {
    await this.records.close();
    await this.model.stop();
    await this.stack.stop();
  }
}
