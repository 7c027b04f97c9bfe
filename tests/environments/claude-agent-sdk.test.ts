import { eventually } from '#tests/support/api.ts';
import type { Played } from '#tests/support/played-model.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { World } from '#tests/chaos/world.ts';

const version = '0.3.332';
const program = `node_modules/@anthropic-ai/claude-agent-sdk-linux-${process.arch}/claude`;

/** The SDK writes its own prompts: none has the block of facts that ours begin with. */
const isOfSdk = ({ context }: Pick<Played, 'context'>) => !(context as Played['context'] | undefined);

/** Installs the SDK in the sandbox, and lets its program work with nothing but the sandbox's key. */
const command = (word: string) =>
  [
    'set -e',
    'mkdir -p /tmp/sdk && cd /tmp/sdk',
    `npm install --no-save --no-audit --no-fund --loglevel=error @anthropic-ai/claude-agent-sdk@${version}`,
    'cd - > /dev/null',
    'export IS_SANDBOX=1 CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1',
    'export ANTHROPIC_BASE_URL=$OMOIOS_API_URL/sandboxes/$OMOIOS_SANDBOX_ID/model ANTHROPIC_AUTH_TOKEN=$OMOIOS_SANDBOX_KEY',
    `timeout 60 /tmp/sdk/${program} -p --permission-mode bypassPermissions -- "by the gateway ${word}" < /dev/null`,
    'cat from-the-sdk.txt',
  ].join('\n');

test('[EXEC-16] the program of the Claude Agent SDK works in a sandbox through the gateway, and its calls are in the ledger', async () => {
  const world = await World.start({ OMOIOS_MODEL_IDLE_TIMEOUT: '60' });
  world.values = (request) => (isOfSdk(request) ? undefined : answerValue(request));
  let passed = 0;
  const place = await world.place(
    (request) => {
      if (isOfSdk(request)) {
        passed += 1;
        return passed === 1
          ? { tools: [call('Bash', { command: 'echo "written by the SDK" > from-the-sdk.txt' })] }
          : { text: 'It is written.' };
      }
      return request.step === 0
        ? { tools: [call('bash', { command: command(place.word), timeout_ms: 240_000 })] }
        : { hang: true };
    },
    { network: 'registries' },
  );
  const ticket = await world.ticket(place);
  const run = await world.runOf(ticket);
  const results = () =>
    world.model.requests.flatMap(({ user_id: by, results: all }) => (by === `run:${run}` ? all : []));
  const said = () =>
    results()
      .map(({ text }) => text)
      .join('\n');
  await eventually('the command has ended', () => said().includes('from-the-sdk') || said().includes('exit'), 280_000);
  expect(said()).toMatch(/It is written\.\s+written by the SDK/);
  expect(passed).toBe(2);
  expect(world.model.problems).toEqual([]);
  const costs = await world.records.rows(
    "SELECT cost_micros FROM cost_records WHERE run_id = $1 AND id LIKE 'gateway:%'",
    [run],
  );
  expect(costs).toHaveLength(2);
  await world.stop();
}, 400_000);
