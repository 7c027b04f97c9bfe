import { workflowId } from '#workflows/contracts/ids.ts';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadConfig, rootDir } from '#activities/services/config.ts';
import { obtainTemporal } from '#temporal/dev-server.ts';
import { eventually } from '#tests/support/api.ts';
import type { Reply } from '#tests/support/played-model.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared, shared, temporalClient } from '#tests/support/shared.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';

const run = promisify(execFile);
let program = '';
beforeAll(async () => {
  program = await obtainTemporal({
    cli: undefined,
    dataDir: loadConfig().data_dir,
    env: process.env,
    say: () => undefined,
  });
});

/** Runs Temporal's command line as an operator does. */
const temporal = async (...args: string[]) =>
  (
    await run(program, [...args, '--address', shared.temporalAddress], {
      env: { ...process.env, NO_COLOR: '1' },
      maxBuffer: 50 * 2 ** 20,
    })
  ).stdout;
const progress = async (id: string) =>
  JSON.parse((await temporal('workflow', 'query', '-w', id, '--type', 'progress', '--output', 'json')) || '{}') as {
    queryResult?: Progress[] | Progress;
  };
interface Progress {
  state: string;
  step: string;
  waiting_for: string | null;
  since: string;
  attempt: number;
  next_wake_at: string | null;
  totals: object;
}
const progressOf = async (id: string): Promise<Progress> => {
  const { queryResult } = await progress(id);
  return (Array.isArray(queryResult) ? queryResult[0] : queryResult) as Progress;
};

describe('operators with the temporal command line', () => {
  test('a run: listed, asked, steered, paused, resumed, and its history replayed', async () => {
    let still = false;
    const played = await playOnShared((request): Reply =>
      request.context.kind !== 'task'
        ? (answerValue(request) ?? { text: '' })
        : still
          ? { hang: true }
          : { delay_ms: 50, tools: [call('bash', { command: `echo ${request.step} >> log.txt` })] },
    );
    const { id: project_id } = await newProject();
    const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
      project_id,
      title: `Operated ${played.word}`,
      description: 'Keep busy.',
      workflow_mode: 'quick',
    });
    const { run_id } = await api().until<{ run_id: string }>(
      `/tasks/${ticket.task_id}`,
      (task) => task.run_id !== null,
    );
    const id = `run:${run_id}`;
    await api().until<{ turn: number }>(`/runs/${run_id}`, (row) => row.turn > 1);

    await eventually('the list shows what runs for the project', async () => {
      const listed = await temporal(
        'workflow',
        'list',
        '--query',
        `OmoiosProject="${project_id}" AND ExecutionStatus="Running"`,
        '--output',
        'json',
      );
      return [`ticket:${ticket.id}`, `task:${ticket.task_id}`, id].every((name) => listed.includes(name));
    });
    expect(await progressOf(id)).toMatchObject({
      state: 'running',
      waiting_for: null,
      step: expect.any(String),
      totals: expect.any(Object),
    });

    await temporal(
      'workflow',
      'signal',
      '-w',
      id,
      '--name',
      'steer',
      '--input',
      '{"kind":"refocus","message":"stay inside src/api"}',
    );
    const { items } = await api().until<{
      items: { content: string; steer_kind: string; delivered_at_turn: number | null }[];
    }>(`/runs/${run_id}/messages`, (page) => page.items[0]?.delivered_at_turn != null);
    expect(items).toEqual([expect.objectContaining({ content: 'stay inside src/api', steer_kind: 'refocus' })]);

    // A signal that is malformed, undecodable or unknown is recorded and ignored; the work continues.
    const unreadable = path.join(mkdtempSync(path.join(tmpdir(), 'omoios-signal-')), 'input.bin');
    writeFileSync(unreadable, Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    await temporal('workflow', 'signal', '-w', id, '--name', 'steer', '--input', '{"kind":"dance","message":7}');
    await temporal('workflow', 'signal', '-w', id, '--name', 'steer', '--input', '"no object"');
    await temporal('workflow', 'signal', '-w', id, '--name', 'steer');
    // The command line refuses to send invalid JSON, but another program may send it.
    const other = await temporalClient();
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"kind":') };
    await other.client.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: id },
      signalName: 'steer',
      input: { payloads: [payload] },
    });
    await other.close();
    await temporal(
      'workflow',
      'signal',
      '-w',
      id,
      '--name',
      'steer',
      '--input-file',
      unreadable,
      '--input-meta',
      'encoding=binary/encrypted',
    );
    await temporal('workflow', 'signal', '-w', id, '--name', 'applaud', '--input', '{}');
    rmSync(path.dirname(unreadable), { recursive: true });
    await eventually(
      'six signals are on record',
      async () =>
        (await api().get<{ items: { type: string }[] }>(`/runs/${run_id}/events?event_type=workflow.signal.ignored`))
          .items.length >= 6,
    );
    const before = await api().get<{ turn: number }>(`/runs/${run_id}`);
    await api().until<{ turn: number }>(`/runs/${run_id}`, (row) => row.turn > before.turn);
    expect((await api().get<{ items: unknown[] }>(`/runs/${run_id}/messages`)).items).toHaveLength(1);

    await temporal('workflow', 'update', 'execute', '-w', id, '--name', 'pause', '--input', '{}');
    await api().until<{ status: string }>(`/runs/${run_id}`, (row) => row.status === 'paused');
    await eventually('it says that it is paused', async () => (await progressOf(id)).state === 'paused');
    await expect(
      temporal('workflow', 'update', 'execute', '-w', id, '--name', 'pause', '--input', '{"colour":"red"}'),
    ).rejects.toThrow(/colour/);
    await temporal('workflow', 'update', 'execute', '-w', id, '--name', 'resume', '--input', '{}');
    await api().until<{ status: string }>(`/runs/${run_id}`, (row) => row.status === 'running');
    still = true;

    const folder = mkdtempSync(path.join(tmpdir(), 'omoios-history-'));
    const file = path.join(folder, 'history.json');
    writeFileSync(file, await temporal('workflow', 'show', '-w', id, '--output', 'json'));
    const omoios = (...args: string[]) =>
      run(process.execPath, ['scripts/cli/omoios.js', ...args], {
        cwd: rootDir,
        env: {
          ...process.env,
          OMOIOS_DATA_DIR: shared.dataDir,
          OMOIOS_API: shared.url,
          TEMPORAL_ADDRESS: shared.temporalAddress,
        } as NodeJS.ProcessEnv,
      });
    expect((await omoios('replay', file)).stdout).toMatch(/agrees|same|✓/i);
    expect((await omoios('replay', id)).stdout).toMatch(/agrees|same|✓/i);
    // For a history that the present code would not write, the first different event is named.
    const history = JSON.parse((await run('cat', [file], { maxBuffer: 50 * 2 ** 20 })).stdout) as {
      events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
    };
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    if (scheduled?.activityTaskScheduledEventAttributes)
      scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';
    writeFileSync(file, JSON.stringify(history));
    const differs = await omoios('replay', file).then(
      () => ({ code: 0, stdout: '', stderr: '' }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(differs.code).not.toBe(0);
    expect(`${differs.stdout}${differs.stderr}`).toContain('somethingElse');
    rmSync(folder, { recursive: true });
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  }, 240_000);

  test('a spec: asked, and let through its gate', async () => {
    const played = await playOnShared((request) => answerValue(request) ?? planPhase(request));
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${played.word}`,
      description: `Tasks as a CSV file, for ${played.word}.`,
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['requirements', 'design'] },
    });
    const id = `spec:${spec_id}`;
    await api().until<{ waiting_for: string }>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 90_000);
    expect(await progressOf(id)).toMatchObject({
      state: 'waiting',
      waiting_for: 'gate',
      step: expect.stringContaining('requirements'),
    });
    await expect(
      temporal('workflow', 'update', 'execute', '-w', id, '--name', 'approve', '--input', '{"phase":"design"}'),
    ).rejects.toThrow(/requirements/);
    await expect(
      temporal('workflow', 'update', 'execute', '-w', id, '--name', 'approve', '--input', '"requirements"'),
    ).rejects.toThrow(/object|phase/);
    await temporal(
      'workflow',
      'update',
      'execute',
      '-w',
      id,
      '--name',
      'approve',
      '--input',
      '{"phase":"requirements"}',
    );
    await api().until<{ current_phase: string; waiting_for: string }>(
      `/specs/${spec_id}`,
      (spec) => spec.current_phase === 'design' && spec.waiting_for === 'gate',
      90_000,
    );
    await temporal('workflow', 'signal', '-w', id, '--name', 'applaud', '--input', '[]');
    expect(await progressOf(id)).toMatchObject({ waiting_for: 'gate' });
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  }, 240_000);

  test.each([
    ['deletes old rows, at once and then once a day', workflowId.retention(), 86_400_000],
    ['looks for texts without a vector, at once and then every five minutes', workflowId.reembedding(), 300_000],
  ])('a schedule %s', async (_, id, every) => {
    const { client, close } = await temporalClient();
    const described = await client.schedule.getHandle(id).describe();
    expect(described.spec.intervals).toEqual([expect.objectContaining({ every })]);
    await eventually('its first run completes', async () => {
      const runs = await client.schedule.getHandle(id).describe();
      const [first] = runs.info.recentActions;
      if (first?.action.type !== 'startWorkflow') return false;
      const { status } = await client.workflow.getHandle(first.action.workflow.workflowId).describe();
      return status.name === 'COMPLETED';
    });
    await close();
  });
});
