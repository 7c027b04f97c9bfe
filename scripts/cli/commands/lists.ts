import type { Command } from 'commander';
import { CliError } from '../client.ts';
import type { Context } from '../context.ts';
import { money, table } from '../screen.ts';

type Row = Record<string, string | number | null>;
type List = { items: Row[]; next_cursor: string | null };

const short = (id: unknown) => String(id ?? '').slice(0, 8);

/** An id, or the beginning of one that only one thing has. */
async function resolve(context: Context, kind: 'specs' | 'runs' | 'tasks', id: string): Promise<string> {
  if (id.length >= 36) return id;
  const { items } = await context.client().get<List>(`/${kind}?limit=200`);
  const found = items.filter((item) => String(item.id).startsWith(id) || item.key === id);
  if (found.length === 1) return String(found[0]?.id);
  throw new CliError(
    found.length === 0
      ? `There is no ${kind.slice(0, -1)} ${id} among the newest 200.`
      : `${id} begins ${found.length} ids; give more of it.`,
    1,
  );
}

export function specCommands(program: Command, context: Context): void {
  const spec = program.command('spec').description('plans and their gates');
  spec
    .command('list')
    .option('--status <status>')
    .action(async ({ status }: { status?: string }) => {
      const list = await context.client().get<List>(`/specs?limit=50${status ? `&status=${status}` : ''}`);
      context.print(
        list,
        table([
          ['id', 'status', 'phase', '%', 'title'],
          ...list.items.map((s) => [short(s.id), s.status, s.current_phase, s.progress, s.title]),
        ]),
      );
    });
  spec.command('show <id>').action(async (id: string) => {
    const full = await resolve(context, 'specs', id);
    const [record, data] = [
      await context.client().get<Row>(`/specs/${full}`),
      await context
        .client()
        .get<{ phases: { phase: string; status: string; score: number | null; attempts: unknown[] }[] }>(
          `/specs/${full}/phase-data`,
        ),
    ];
    const phases = table([
      ['phase', 'status', 'score', 'attempts'],
      ...data.phases.map((p) => [p.phase, p.status, p.score === null ? '-' : p.score.toFixed(2), p.attempts.length]),
    ]);
    context.print(
      { ...record, phases: data.phases },
      `${record.title}\n${record.status}${record.waiting_for ? `, waits for a ${record.waiting_for}` : ''}${record.last_error ? `: ${record.last_error}` : ''}\n\n${phases}`,
    );
  });
  spec.command('approve <id> <phase>').action(async (id: string, phase: string) => {
    const answer = await context.client().post(`/specs/${await resolve(context, 'specs', id)}/phases/${phase}/approve`);
    context.print(answer, `${phase} is approved.`);
  });
  spec
    .command('request-changes <id> <phase> <feedback>')
    .action(async (id: string, phase: string, feedback: string) => {
      const answer = await context
        .client()
        .post(`/specs/${await resolve(context, 'specs', id)}/phases/${phase}/request-changes`, { feedback });
      context.print(answer, `${phase} goes back with your words.`);
    });
  spec
    .command('retry <id>')
    .description('try again what failed and waits for a word')
    .option('--feedback <text>', 'for a phase that is done anew')
    .action(async (id: string, options: { feedback?: string }) => {
      const answer = await context.client().post(`/specs/${await resolve(context, 'specs', id)}/retry`, options);
      context.print(answer, 'What failed is tried again.');
    });
  spec
    .command('export <id>')
    .option('--format <format>', 'json or markdown', 'markdown')
    .action(async (id: string, { format }: { format: string }) => {
      const content = await context
        .client()
        .get<unknown>(`/specs/${await resolve(context, 'specs', id)}/export?format=${encodeURIComponent(format)}`);
      context.print(content, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    });
}

export function taskCommands(program: Command, context: Context): void {
  const task = program.command('task').description('tasks');
  task
    .command('list')
    .option('--status <status>')
    .option('--spec <id>')
    .action(async ({ status, spec }: { status?: string; spec?: string }) => {
      const list = await context
        .client()
        .get<List>(`/tasks?limit=100${status ? `&status=${status}` : ''}${spec ? `&spec_id=${spec}` : ''}`);
      context.print(
        list,
        table([
          ['id', 'key', 'status', 'attempt', 'title'],
          ...list.items.map((t) => [short(t.id), t.key, t.status, t.attempt, t.title]),
        ]),
      );
    });
  task.command('show <id>').action(async (id: string) => {
    const record = await context.client().get<Row>(`/tasks/${await resolve(context, 'tasks', id)}`);
    context.print(
      record,
      `${record.key}: ${record.title}\n${record.status}, attempt ${record.attempt}, branch ${record.branch ?? '-'}${record.error_message ? `\n${record.error_message}` : ''}`,
    );
  });
  task
    .command('cancel <id>')
    .option('--reason <text>')
    .action(async (id: string, options: { reason?: string }) => {
      const answer = await context.client().post(`/tasks/${await resolve(context, 'tasks', id)}/cancel`, options);
      context.print(answer, 'The task is being cancelled; its branch is kept.');
    });
  task.command('retry <id>').action(async (id: string) => {
    const answer = await context.client().post(`/tasks/${await resolve(context, 'tasks', id)}/retry`);
    context.print(answer, 'The task is tried anew.');
  });
}

export function runCommands(program: Command, context: Context): void {
  const run = program.command('run').description('agents at work');
  const at = async (id: string) => `/runs/${await resolve(context, 'runs', id)}`;
  run
    .command('list')
    .option('--status <status>')
    .action(async ({ status }: { status?: string }) => {
      const list = await context.client().get<List>(`/runs?limit=50${status ? `&status=${status}` : ''}`);
      context.print(
        list,
        table([
          ['id', 'kind', 'status', 'turn', 'cost', 'title'],
          ...list.items.map((r) => [
            short(r.id),
            r.kind,
            r.waiting_for ? `${r.status} (${r.waiting_for})` : r.status,
            r.turn,
            money(Number(r.cost_micros)),
            r.title,
          ]),
        ]),
      );
    });
  run.command('show <id>').action(async (id: string) => {
    const r = await context.client().get<Row>(await at(id));
    context.print(
      r,
      `${r.title}\n${r.status}${r.waiting_for ? `, waits for ${r.waiting_for}: ${r.waiting_reason}` : ''}\nturn ${r.turn}, iteration ${r.iteration}, ${money(Number(r.cost_micros))}, ${r.model}${r.stop_reason ? `\nended: ${r.stop_reason}${r.error_message ? `: ${r.error_message}` : ''}` : ''}`,
    );
  });
  run
    .command('watch <id>')
    .description('turns and tool calls as they come')
    .action(async (id: string) => {
      const full = await resolve(context, 'runs', id);
      const record = await context.client().get<Row>(`/runs/${full}`);
      if (record.ended_at) throw new CliError(`The run has ended (${record.status}).`, 1);
      const feed = context.client().events((event) => {
        if (event.entity.id !== full) return undefined;
        if (context.json) console.log(JSON.stringify(event));
        else if (event.type === 'run.turn.completed')
          console.log(
            `turn ${String(event.data.turn)}  ${(event.data.tools as string[]).join(', ') || String(event.data.stop_reason)}`,
          );
        else if (event.type === 'run.tool.completed')
          console.log(
            `  ${String(event.data.tool)}${event.data.is_error ? ' ✗' : ''}  ${String(event.data.result).split('\n')[0]?.slice(0, 120) ?? ''}`,
          );
        else if (event.type === 'run.message.delivered')
          console.log(`  ← ${String(event.data.content).split('\n')[0]}`);
        else if (event.type === 'run.ended') console.log(`${String(event.data.status)}: ${String(event.data.message)}`);
        return event.type === 'run.ended';
      });
      await feed.done;
    });
  run
    .command('steer <id> <message>')
    .option('--kind <kind>', 'redirect, refocus, constraint or stop', 'refocus')
    .action(async (id: string, message: string, { kind }: { kind: string }) => {
      const answer = await context.client().post<Row>(`${await at(id)}/steer`, { kind, message });
      context.print(answer, `Accepted as ${answer.message_id}; it is delivered after the call that runs.`);
    });
  run
    .command('interrupt <id> [message]')
    .action(async (id: string, message?: string) =>
      context.print(
        await context.client().post(`${await at(id)}/interrupt`, message ? { message } : {}),
        'Interrupted.',
      ),
    );
  for (const [name, words] of [
    ['pause', 'Pauses after the step under way.'],
    ['resume', 'Goes on.'],
    ['stop', 'Ends.'],
  ] as const) {
    run
      .command(`${name} <id>`)
      .option('--reason <text>')
      .action(async (id: string, options: { reason?: string }) =>
        context.print(await context.client().post(`${await at(id)}/${name}`, options), words),
      );
  }
  run.command('fork <id> <turn> <instruction>').action(async (id: string, turn: string, instruction: string) => {
    const answer = await context.client().post<Row>(`${await at(id)}/fork`, { turn: Number(turn), instruction });
    context.print(answer, `Run ${answer.run_id} goes on from turn ${turn}.`);
  });
}

export function reportCommand(program: Command, context: Context): void {
  program
    .command('report')
    .description('what happened')
    .option('--since <time>', 'ISO time, or hours such as 8h')
    .action(async ({ since }: { since?: string }) => {
      const hours = /^(\d+)h$/.exec(since ?? '')?.[1];
      const from = hours ? new Date(Date.now() - Number(hours) * 3_600_000).toISOString() : since;
      const r = await context.client().get<{
        since: string;
        runs: Record<string, number>;
        waiting_on_you: Row[];
        pull_requests: Row[];
        failures: Row[];
        money: { cost_micros: number; calls: number };
      }>(`/report${from ? `?since=${encodeURIComponent(from)}` : ''}`);
      const list = (title: string, rows: string[]) =>
        rows.length > 0 ? `\n${title}\n${rows.map((row) => `  ${row}`).join('\n')}` : '';
      context.print(
        r,
        [
          `Since ${r.since}`,
          `Runs: ${r.runs.completed} completed, ${r.runs.failed} failed, ${r.runs.active} at work, ${r.runs.waiting} waiting`,
          `Money: ${money(r.money.cost_micros)} in ${r.money.calls} calls`,
          list(
            'Waiting on you',
            r.waiting_on_you.map((w) => `${w.kind} ${short(w.id)}  ${w.title}: ${w.reason}`),
          ) +
            list(
              'Pull requests',
              r.pull_requests.map((p) => `#${p.number} ${p.state}  ${p.title}  ${p.url}`),
            ) +
            list(
              'Failures',
              r.failures.map((f) => `${short(f.run_id)}  ${f.title}: ${f.reason}`),
            ),
        ].join('\n'),
      );
    });
}
