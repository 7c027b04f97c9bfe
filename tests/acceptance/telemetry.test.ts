import { eventually } from '#tests/support/api.ts';
import { spansOf, type ReceivedSpan } from '#tests/support/otlp.ts';
import { PlayedModel } from '#tests/support/played-model.ts';
import { Receiver } from '#tests/support/receiver.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { TestStack, freePorts } from '#tests/support/stack.ts';

let collector: Receiver;
let posthog: Receiver;
let model: PlayedModel;
let stack: TestStack;
let metricsPort: number;

beforeAll(async () => {
  [metricsPort] = (await freePorts(1)) as [number];
  [collector, posthog] = await Promise.all([Receiver.start(), Receiver.start()]);
  model = await new PlayedModel(
    (request) =>
      answerValue(request) ??
      (request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, { 'greet.js': 'export {};\n' })),
  ).start();
  stack = await TestStack.start({
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OMOIOS_TELEMETRY_TRACE_SHARE: '1',
    METRICS_PORT: String(metricsPort),
    POSTHOG_HOST: posthog.url,
  });
}, 300_000);
afterAll(async () => {
  await stack.stop();
  await model.stop();
  collector.stop();
  posthog.stop();
});

const metrics = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
/** The sum of all lines of a metric whose labels contain a text. */
const valueOf = (text: string, name: string, labels = '') =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);

async function startTicket(title: string): Promise<string> {
  const repository = new TestRepository();
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: title,
    repository: { path: repository.path },
  });
  const ticket = await stack.api.post<{ id: string }>('/tickets', {
    project_id: project.id,
    title,
    description: 'A module greet.js',
    workflow_mode: 'quick',
  });
  await stack.api.until<{ items: unknown[] }>(
    `/pull-requests?ticket_id=${ticket.id}`,
    (page) => page.items.length > 0,
    120_000,
  );
  return ticket.id;
}

describe('what an installation tells of itself', () => {
  test('[OBS-03] one trace leads from the request that began the work to its activities and model calls', async () => {
    await startTicket('Greet people');
    const begins = (span: ReceivedSpan) => span.name === 'POST /tickets';
    const ofTicket = () => {
      const spans = spansOf(collector.received);
      const root = spans.find(begins);
      return spans.filter(({ trace }) => trace === root?.trace);
    };
    await eventually(
      'the spans of the model calls arrive',
      () => ofTicket().some(({ name }) => name.startsWith('chat ')),
      60_000,
    );
    const spans = ofTicket();
    const byId = new Map(spans.map((span) => [span.id, span]));
    const chat = spans.find(({ name, parent }) => name.startsWith('chat ') && byId.has(parent)) as ReceivedSpan;
    const names: string[] = [];
    for (let at: ReceivedSpan | undefined = chat; at; at = byId.get(at.parent)) names.push(at.name);
    expect(names).toEqual([
      expect.stringMatching(/^chat /),
      expect.stringMatching(/^RunActivity:/),
      expect.stringMatching(/^StartWorkflow:/),
      'POST /tickets',
    ]);
    expect(Number(chat.attributes['gen_ai.usage.output_tokens'])).toBeGreaterThan(0);
    // What was asked, and with which key, is in no span.
    const text = collector.text;
    for (const secret of ['test-key-of-nobody', stack.api.key, 'A module greet.js']) expect(text).not.toContain(secret);
    // The platform's own looks, and looks at its health, begin no trace.
    const roots = spansOf(collector.received).filter(({ parent }) => parent === '');
    expect(roots.map(({ name }) => name).filter((name) => !/^(GET|POST|PUT|PATCH|DELETE) \//.test(name))).toEqual([]);
  }, 300_000);

  test('[OBS-03] the metrics count requests, activities, model calls, tokens, turns and money, and show what waits', async () => {
    const before = await metrics();
    await startTicket('Greet again');
    await eventually(
      'the turns are counted',
      async () => valueOf(await metrics(), 'omoios_turns_total') > valueOf(before, 'omoios_turns_total'),
    );
    const text = await metrics();
    const grown = (name: string, labels?: string) =>
      expect([name, valueOf(text, name, labels) > valueOf(before, name, labels)]).toEqual([name, true]);
    grown('omoios_http_request_duration_count', 'route="/tickets"');
    grown('omoios_activity_duration_count', 'outcome="completed"');
    grown('omoios_model_call_duration_count', 'outcome="answered"');
    grown('omoios_model_tokens_total', 'kind="output"');
    grown('omoios_spent_usd_total');
    for (const channel of ['mail', 'alert']) expect(text).toContain(`omoios_outbox_age{channel="${channel}"} 0`);
    expect(text).not.toContain('test-key-of-nobody');
    // Only operators may read them: they are on no port that people reach.
    expect((await fetch(`${stack.address.url}/metrics`)).status).toBe(404);
  }, 300_000);

  test('[OBS-04] without a key nothing leaves for PostHog, and with one what is used is counted', async () => {
    expect(posthog.received).toEqual([]);
    await stack.stop({ keep: true });
    stack.address.env.POSTHOG_API_KEY = 'phc_of_nobody';
    await stack.launch();
    await stack.ready();
    const registered = await fetch(`${stack.address.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@analytical.example', password: 'Engine-and-9-looms!' }),
    });
    expect(registered.status).toBe(201);
    await eventually('the account is counted', () => posthog.text.includes('user_created'), 30_000);
    expect(posthog.text).not.toContain('analytical.example');
  }, 300_000);

  test('[OBS-05] answers forbid frames and guessed types, and no other site may read them', async () => {
    for (const path of ['/health', '/api/v1/projects', '/nothing-there']) {
      const { headers } = await fetch(`${stack.address.url}${path}`, {
        headers: { origin: 'https://elsewhere.example' },
      });
      expect([path, headers.get('x-content-type-options'), headers.get('x-frame-options')]).toEqual([
        path,
        'nosniff',
        'DENY',
      ]);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
