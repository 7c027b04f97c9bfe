import type { Browser } from 'playwright-core';
import { PlayedModel } from '#tests/support/played-model.ts';
import { TestStack } from '#tests/support/stack.ts';
import { StripeStub } from '#tests/support/stripe.ts';
import { openBrowser } from './chromium.ts';

export interface ShopStack {
  stub: StripeStub;
  model: PlayedModel;
  stack: TestStack;
  browser: Browser;
  close(): Promise<void>;
}

/** A stack that takes payments by Stripe's stub, with a model that never answers, and a browser nobody has signed in to. */
export async function openShopStack(env: Record<string, string> = {}): Promise<ShopStack> {
  const stub = await new StripeStub().start();
  const model = await new PlayedModel(() => ({ hang: true })).start();
  const stack = await TestStack.start({
    OMOIOS_SERVER_WEB: 'build',
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    ...env,
    ...stub.env,
  });
  stub.webhook = `${stack.address.url}/api/v1/billing/webhooks/stripe`;
  const browser = await openBrowser();
  return {
    stub,
    model,
    stack,
    browser,
    close: async () => {
      await browser.close();
      await stack.stop();
      await model.stop();
      stub.stop();
    },
  };
}
