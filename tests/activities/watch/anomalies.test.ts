import type { Services } from '#activities/ports/services.ts';
import { lookForAnomalies } from '#activities/watch/anomalies.ts';
import { readAgent, readMetric, type AgentFacts, type Baseline } from '#workflows/domain/watch/anomalies.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('anomalies');
});
afterAll(() => place.close());

const base: Baseline = { samples: 20, task_ms: 1000, task_variance: 10_000, error_rate: 0.05, cpu: 1, memory_mb: 100 };
const facts: AgentFacts = { task_ms: 1150, ended: 1, failed: 1, cpu: 1.5, memory_mb: 150, blocked: 5 };

test('[WATCH-13] the score is the formula, and what was not measured counts nothing and says so', () => {
  const { score, terms, absent } = readAgent(facts, base, null, 'now');
  // |z| = 1.5; a share of 0.1 is twice 0.05; both measures are half away; 5 of 10.
  expect(terms).toEqual({ latency: 0.5, errors: 1, skew: 0.5, queue: 0.5 });
  expect(score).toBeCloseTo(0.35 * 0.5 + 0.3 + 0.2 * 0.5 + 0.15 * 0.5);
  expect(absent).toEqual([]);
  const blind = readAgent({ ...facts, cpu: null, memory_mb: null }, { ...base, samples: 9 }, null, 'now');
  expect(blind).toMatchObject({ terms: { latency: 0, skew: 0 }, absent: ['task_ms', 'cpu', 'memory_mb'] });
});

test('[WATCH-13] a metric is judged by 10 to 100 samples, by its sigma', () => {
  const before = Array.from({ length: 10 }, (_, i) => (i % 2 ? 9 : 11));
  expect(readMetric([12, ...before.slice(1)])).toBeNull();
  const judged = [11.9, 12.1, 12.6, 13.1].map((value) => readMetric([value, ...before])?.severity);
  expect(judged).toEqual([null, 'warning', 'error', 'critical']);
  expect(readMetric([13.1, ...Array.from({ length: 200 }, () => 10)])).toMatchObject({ samples: 100 });
});

test('[WATCH-13] two bad readings change nothing; the third one diagnoses the agent once and takes it out of work', async () => {
  const { organization_id, project_id, server } = place;
  const diagnosed: string[] = [];
  const services = {
    store: server.store,
    config: {
      diagnostic: { enabled: true, auto_recover: true, cooldown: 0, max_failures: 3, max_per_ticket: 10 },
      task: { fix_rounds: 0 },
    },
    workflows: {
      startDiagnostic: ({ trigger }: { trigger: string }) => {
        diagnosed.push(trigger);
        return Promise.resolve('started');
      },
    },
  } as unknown as Services;
  const agent = await place.register({ project_id });
  const own = await place.newTask([], 'Own');
  await server.sql(`
    UPDATE projects SET repository_path = '/somewhere' WHERE id = '${project_id}';
    UPDATE tasks SET agent_id = '${agent.id}', status = 'running' WHERE id = '${own.id}';
    UPDATE agents SET reported = '{"health_metrics": {"cpu": 9, "memory_mb": 900}}' WHERE id = '${agent.id}';
    INSERT INTO agent_baselines (project_id, agent_type, phase_id, samples, task_ms, task_variance, error_rate, cpu, memory_mb)
    VALUES ('${project_id}', 'worker', 'PHASE_IMPLEMENTATION', 50, 1000, 10000, 0.01, 1, 100)`);
  const fail = () =>
    server.sql(`
      INSERT INTO runs (id, organization_id, project_id, ticket_id, task_id, agent_id, kind, mode, title, status, provider,
        model, sandbox_id, branch, base_sha, start_sha, head_sha, opening, system_prompt, tools, limits, started_at, ended_at)
      VALUES (gen_random_uuid(), '${organization_id}', '${project_id}', '${own.ticket_id}', '${own.id}', '${agent.id}', 'task',
        'implementation', 'Own', 'failed', 'p', 'm', 's', 'b', '0', '0', '0', '', '', '', '{}',
        now() - interval '10 minutes', now())`);
  const look = () => lookForAnomalies(services, { organization_id, project_id });
  const status = async () => (await place.call('GET', `/agents/${agent.id}`)).body.status;
  for (let i = 0; i < 2; i += 1) {
    await fail();
    await look();
    // Nothing new: nothing is read.
    await look();
  }
  expect(diagnosed).toEqual([]);
  expect(await status()).toBe('idle');
  const { body } = await place.call('GET', `/monitor/metrics?project_id=${project_id}`);
  expect(body.agents).toMatchObject([{ agent_id: agent.id, in_a_row: 2, absent: [] }]);
  expect((await place.call('GET', '/alerts')).body.items).toMatchObject([
    { rule: 'agent_anomaly_high', state: 'open' },
  ]);
  await fail();
  await look();
  await look();
  expect(diagnosed).toEqual(['anomaly']);
  expect(await status()).toBe('quarantined');

  const { items } = (await place.call('GET', `/monitor/anomalies?project_id=${project_id}`)).body;
  expect(items.map(({ metric, severity }: Record<string, string>) => `${metric} ${severity}`)).toEqual([
    ...['agent critical', 'agent critical', 'agent error'],
  ]);
  const seen = await place.call('POST', `/monitor/anomalies/${items[0].id}/acknowledge`);
  expect(seen).toMatchObject({ status: 200, body: { acknowledged_by: 'owner@example.test' } });
  expect((await place.call('GET', '/monitor/anomalies?acknowledged=false')).body.items).toHaveLength(2);
  expect((await place.call('POST', `/monitor/anomalies/${organization_id}/acknowledge`)).status).toBe(404);
});
