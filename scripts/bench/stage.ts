import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { Api } from '#tests/support/api.ts';
import { PlayedModel, type Played, type Script } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';

export interface Asked {
  at: number;
  request: Played;
}

/** The most agents that one organization can run at once. */
export const maxAgentsPerOrganization = 100;

/** A stack with a scripted model, and the time of each request to that model. */
export class Stage {
  readonly asked: Asked[] = [];
  /** The requests whose connection the platform has closed before their answer was complete, and when. */
  readonly cut: Asked[] = [];
  script: Script = () => ({ hang: true });
  stack!: TestStack;
  api!: Api;
  private model!: PlayedModel;

  static async open(env: Record<string, string> = {}): Promise<Stage> {
    const stage = new Stage();
    stage.model = await new PlayedModel((request) => {
      stage.asked.push({ at: performance.now(), request });
      return answerValue(request) ?? stage.script(request);
    }).start();
    stage.model.onCut = (request) => stage.cut.push({ at: performance.now(), request });
    stage.stack = await TestStack.start({
      MODEL_PROVIDER: 'anthropic',
      ANTHROPIC_BASE_URL: stage.model.url,
      ANTHROPIC_API_KEY: 'nobody',
      OMOIOS_RUN_MAX_TURNS: '2000',
      OMOIOS_RUN_ITERATION_TURNS: '2000',
      OMOIOS_RUN_QUIET_TURNS: '2000',
      OMOIOS_RUN_MAX_USD: '10000',
      OMOIOS_REPO_ROOTS: '/tmp',
      ...env,
    });
    stage.api = env.DATABASE_URL ? await stage.signUp() : stage.stack.api;
    return stage;
  }

  /** Registers a user with an organization of a hundred agents: a real database has no owner yet. */
  async signUp(): Promise<Api> {
    const anonymous = new Api(this.stack.address.url, undefined);
    const person = { email: `${randomBytes(6).toString('hex')}@example.test`, password: 'Correct-horse-7' };
    await anonymous.post('/auth/register', person);
    const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', person);
    const api = anonymous.as(token);
    await api.post('/organizations', {
      name: 'Bench',
      slug: randomBytes(6).toString('hex'),
      max_concurrent_agents: maxAgentsPerOrganization,
    });
    return api;
  }

  async project(files?: Record<string, string>, api = this.api): Promise<{ id: string; repository: TestRepository }> {
    const repository = new TestRepository(files);
    return {
      id: (await api.post<{ id: string }>('/projects', { name: 'bench', repository: { path: repository.path } })).id,
      repository,
    };
  }

  async quickTicket(project_id: string, title: string, api = this.api): Promise<{ id: string; task_id: string }> {
    return api.post('/tickets', { project_id, title, description: 'Measured.', workflow_mode: 'quick' });
  }

  /** Requests to the model by the agent of the task with this title. */
  turnsOf(title: string): Asked[] {
    return this.asked.filter(({ request }) => request.context.kind === 'task' && request.context.title === title);
  }

  /** Has all requests served without the rules of the wire, and without keeping them; undefined: as before. */
  serveInstead(serve: PlayedModel['instead']): void {
    this.model.instead = serve;
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await this.model.stop();
  }
}

/** A client of the stage's database. It is not connected yet. */
export const databaseOf = ({ stack }: Stage) =>
  new pg.Client({
    connectionString: stack.address.env.DATABASE_URL ?? embeddedDatabaseUrl(stack.address.dataDir),
  });
