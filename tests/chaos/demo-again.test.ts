import { spawn } from 'node:child_process';
import { rootDir } from '#activities/services/config.ts';
import { TestStack } from '#tests/support/stack.ts';

/** `npm run demo -- --once` on the folder of a stack: what it says and how it ends. */
function demoOnce(stack: TestStack): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['scripts/setup.mjs', 'demo', '--once'], {
    cwd: rootDir,
    env: stack.address.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

describe('the demo, while a stack runs on the same data folder', () => {
  let stack: TestStack;
  afterEach(() => stack.stop());

  test('one that the demo left running runs it again and keeps running', async () => {
    stack = await TestStack.start({}, { command: ['demo'] });
    const again = await demoOnce(stack);
    expect(again.said).toMatch(/OmoiOS is already running: .*The demo runs on it again/s);
    expect(again).toMatchObject({ code: 0, said: expect.stringMatching(/✓ .*pull request/i) as unknown });
    await stack.ready();
    expect((await stack.api.all('/projects')).length).toBe(2);
  }, 480_000);

  test('any other is left alone, with the reason', async () => {
    stack = await TestStack.start();
    const refused = await demoOnce(stack);
    expect(refused.said).toMatch(
      /OmoiOS is already running: .*npm run demo did not start it, or it was started with --once\. Stop it first, or run the demo beside it: set OMOIOS_DATA_DIR/s,
    );
    expect(refused.code).toBe(3);
    expect(await stack.api.all('/projects')).toEqual([]);
  }, 120_000);
});
