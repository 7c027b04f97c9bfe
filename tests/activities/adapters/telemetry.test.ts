import { createAnalytics } from '#activities/adapters/telemetry/posthog.ts';
import { createErrorReports } from '#activities/adapters/telemetry/sentry.ts';
import { ConfigError, loadConfig } from '#activities/services/config.ts';
import { createLog } from '#activities/services/log.ts';
import { startTelemetry } from '#activities/services/telemetry.ts';
import { createRedactor } from '#activities/services/redact.ts';
import { Receiver } from '#tests/support/receiver.ts';

let receiver: Receiver;
beforeEach(async () => void (receiver = await Receiver.start()));
afterEach(() => receiver.stop());

const personal = {
  email: 'grace.hopper@navy.example',
  card: '4242 4242 4242 4242',
  phone: '+1 202 555 0143',
  ssn: '078-05-1120',
  token: `ghp_${'a1B2'.repeat(9)}`,
  own: 'the-platforms-own-key',
};
const sentence = Object.values(personal).join(' and ');

describe('errors at Sentry', () => {
  const start = () =>
    createErrorReports({
      dsn: `http://public@127.0.0.1:${receiver.port}/7`,
      environment: 'test',
      release: '0.0.1',
      redact: createRedactor([personal.own]),
    });

  test('[OBS-03] a line of the log about an error arrives with its stack and request, and without personal data and secrets', async () => {
    const reports = start();
    const log = createLog('silent', reports.report);
    log.error(
      { err: new Error(`Could not greet ${sentence}`), path: '/api/v1/specs', body: { nested: [sentence] } },
      `a request of ${sentence} failed`,
    );
    log.error({ error: `refused: ${sentence}`, request_id: 'request-1' }, 'the workers stopped');
    log.warn({ error: 'nothing of it' }, 'only a warning');
    await reports.close();
    expect(receiver.received.map(({ path }) => path.split('?')[0])).toEqual(['/api/7/envelope/', '/api/7/envelope/']);
    const { text } = receiver;
    for (const part of ['Could not greet', '/api/v1/specs', 'telemetry.test.ts', 'request-1', 'the workers stopped'])
      expect(text).toContain(part);
    for (const secret of Object.values(personal)) expect(text).not.toContain(secret);
    expect(text).not.toContain('only a warning');
  });

  test('[OBS-03] Sentry that is away breaks nothing', async () => {
    const reports = start();
    receiver.stop();
    expect(() => reports.report({ err: new Error('x') }, 'a request failed')).not.toThrow();
    await reports.close();
  });
});

describe('use at PostHog', () => {
  const event = (type: string, data: object = {}) =>
    ({
      type,
      organization_id: 'organization-1',
      project_id: 'project-1',
      entity: { kind: 'spec', id: 'spec-1' },
      data: { title: sentence, ...data },
    }) as never;

  test('[OBS-04] what is counted leaves with ids alone, and nothing else leaves', async () => {
    const analytics = createAnalytics({ key: 'phc_test', host: receiver.url, failed: () => undefined });
    analytics.published([
      event('spec.execution_started'),
      event('spec.execution_completed'),
      event('spec.execution_failed'),
      event('billing.credits_added'),
      event('subscription.upgraded'),
      event('billing.payment_failed'),
      event('ticket.created'),
      event('run.turn.completed'),
    ]);
    analytics.person('user_created', 'user-1');
    analytics.person('user_signed_in', 'user-1');
    await analytics.close();
    const batches = receiver.received.filter(({ path }) => path.startsWith('/batch'));
    const sent = batches.flatMap(
      ({ body }) => (JSON.parse(body.toString()) as { batch: { event: string; distinct_id: string }[] }).batch,
    );
    expect(sent.map(({ event: name, distinct_id: of }) => [name, of])).toEqual([
      ['workflow_started', 'organization-1'],
      ['workflow_completed', 'organization-1'],
      ['workflow_failed', 'organization-1'],
      ['checkout_completed', 'organization-1'],
      ['subscription_upgraded', 'organization-1'],
      ['payment_failed', 'organization-1'],
      ['user_created', 'user-1'],
      ['user_signed_in', 'user-1'],
    ]);
    for (const secret of Object.values(personal)) expect(receiver.text).not.toContain(secret);
  });

  test('[OBS-04] PostHog that is away breaks nothing, and is told of once for each try', async () => {
    const failed: unknown[] = [];
    const analytics = createAnalytics({ key: 'phc_test', host: receiver.url, failed: (error) => failed.push(error) });
    receiver.stop();
    analytics.person('user_created', 'user-1');
    await analytics.close();
    expect(failed.length).toBeGreaterThan(0);
  }, 30_000);
});

test('[OBS-03] a port of metrics that another program has stops the start, and is named', async () => {
  const starting = startTelemetry(loadConfig({}, { METRICS_PORT: String(receiver.port) }));
  await expect(starting).rejects.toThrow(ConfigError);
  await expect(starting).rejects.toThrow(`METRICS_PORT: another program has ${receiver.port}`);
});
