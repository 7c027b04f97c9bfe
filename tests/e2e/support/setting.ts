import type { Browser } from 'playwright-core';
import { PlayedModel, type Script } from '#tests/support/played-model.ts';
import { TestStack } from '#tests/support/stack.ts';
import { Visitor } from './browser.ts';
import { openBrowser } from './chromium.ts';

export interface Setting {
  stack: TestStack;
  model: PlayedModel;
  browser: Browser;
  visitor: Visitor;
  close(): Promise<void>;
}

/** A stack with a model that the test plays, and a browser signed in to it. */
export async function setting(script: Script, env: Record<string, string> = {}): Promise<Setting> {
  const model = await new PlayedModel(script).start();
  const stack = await TestStack.start({
    OMOIOS_SERVER_WEB: 'build',
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    OMOIOS_MONITORING_GUARDIAN_INTERVAL: '3600',
    OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '3600',
    OMOIOS_MONITORING_HEALTH_INTERVAL: '3600',
    OMOIOS_PHASE_RETRY_BACKOFF: '0.05',
    OMOIOS_TASK_RETRY_BACKOFF: '0.05',
    ...env,
  });
  const browser = await openBrowser();
  const visitor = await Visitor.open(browser, stack);
  await visitor.signInByLink(stack);
  return {
    stack,
    model,
    browser,
    visitor,
    close: async () => {
      await browser.close();
      await stack.stop();
      await model.stop();
    },
  };
}
