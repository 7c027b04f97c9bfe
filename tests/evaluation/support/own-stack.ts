import { playerOf } from '#tests/support/model-router.ts';
import { PlayedModel, newWord, type Script } from '#tests/support/played-model.ts';
import { TestStack } from '#tests/support/stack.ts';
import type { Api } from '#tests/support/api.ts';

/** Where sessions of the evaluation run: a stack and a model that several of them share, told apart by their words. */
export interface Place {
  api: Api;
  play(script: Script): Promise<{ model: PlayedModel; word: string; stop(): Promise<void> }>;
}

/** A stack of a test file's own, for settings that the shared one cannot have. */
export class OwnStack implements Place {
  private readonly scripts = new Map<string, Script>();

  private constructor(
    readonly stack: TestStack,
    readonly model: PlayedModel,
  ) {}

  static async start(env: Record<string, string>): Promise<OwnStack> {
    const model = await new PlayedModel(() => ({ hang: true })).start();
    const watchers = {
      OMOIOS_MONITORING_GUARDIAN_INTERVAL: '3600',
      OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '3600',
      OMOIOS_MONITORING_HEALTH_INTERVAL: '3600',
      OMOIOS_TASK_RETRY_BACKOFF: '0.05',
    };
    const own = new OwnStack(
      await TestStack.start({
        MODEL_PROVIDER: 'anthropic',
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'test-key-of-nobody',
        OPENAI_BASE_URL: `${model.url}/v1`,
        OPENAI_API_KEY: 'test-key-of-nobody',
        ...watchers,
        ...env,
      }),
      model,
    );
    model.script = (request) => {
      const script = playerOf(request.raw, own.scripts);
      return script
        ? script(request)
        : { status: 400, error: { type: 'invalid_request_error', message: 'No test plays this model.' } };
    };
    return own;
  }

  get api(): Api {
    return this.stack.api;
  }

  async play(script: Script) {
    const word = newWord();
    this.scripts.set(word, script);
    return { model: this.model, word, stop: async () => void this.scripts.delete(word) };
  }

  async stop(): Promise<void> {
    await this.model.stop();
    await this.stack.stop();
  }
}
