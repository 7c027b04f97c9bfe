import type { Command } from 'commander';
import {
  adoptRun,
  compareRuns,
  forkRun,
  getRun,
  interruptRun,
  listRuns,
  pauseRun,
  raiseRunLimits,
  resumeRun,
  steerRun,
  stopRun,
} from '#server/contracts/runs.ts';
import { isTypedEvent, type EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { oneOf, runId, shortId, wholeNumber } from '../arguments.ts';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';
import { money, retryingLines, say, table } from '../screen.ts';
import { cutStart } from '#workflows/domain/text.ts';

export function runCommands(program: Command, context: CliContext): void {
  const run = program.command('run').description('runs of agents');
  const paramsOf = async (id: string) => ({ id: await runId(context.client(), id) });
  run
    .command('list')
    .description('list the newest runs')
    .option('--status <status>', 'only runs with this status')
    .action(async ({ status }: { status?: string }) => {
      const list = await context.client().call(listRuns, { query: { limit: 50, status } });
      context.print(
        list,
        table([
          ['id', 'kind', 'status', 'turn', 'cost', 'title'],
          ...list.items.map((r) => [
            shortId(r.id),
            r.kind,
            r.waiting_for ? `${r.status} (${r.waiting_for})` : r.status,
            r.turn,
            money(r.cost_micros),
            r.title,
          ]),
        ]),
      );
    });
  run
    .command('show <id>')
    .description('show a run')
    .action(async (id: string) => {
      const r = await context.client().call(getRun, { params: await paramsOf(id) });
      const waiting = r.waiting_for ? `, waiting for ${r.waiting_for}: ${r.waiting_reason}` : '';
      const error = r.error_message ? `: ${r.error_message}` : '';
      context.print(
        r,
        [
          r.title,
          `${r.status}${waiting}`,
          ...retryingLines(r.retrying),
          `turn ${r.turn}, iteration ${r.iteration}, ${money(r.cost_micros)}, ${r.model}`,
          ...(r.stop_reason ? [`ended: ${r.stop_reason}${error}`] : []),
        ].join('\n'),
      );
    });
  run
    .command('watch <id>')
    .description('print turns and tool calls as they happen')
    .action(async (id: string) => {
      const client = context.client();
      const params = await paramsOf(id);
      const record = await client.call(getRun, { params });
      if (record.ended_at) throw new CliError(`The run has ended (${record.status}).`, 1);
      const feed = client.events((event) => {
        if (event.entity.id !== params.id) return undefined;
        const line = context.json ? JSON.stringify(event) : describe(event);
        if (line !== undefined) say(line);
        return event.type === 'run.ended';
      });
      await feed.done;
    });
  run
    .command('steer <id> <message>')
    .description('send a message to the agent')
    .option('--kind <kind>', 'redirect, refocus, constraint or stop', 'refocus')
    .action(async (id: string, message: string, options: { kind: string }) => {
      const kind = oneOf('--kind', options.kind, steerRun.body.shape.kind.options);
      const answer = await context.client().call(steerRun, { params: await paramsOf(id), body: { kind, message } });
      context.print(answer, `Message ${answer.message_id} is accepted. The agent gets it after the current tool call.`);
    });
  run
    .command('interrupt <id> [message]')
    .description('stop the current model call or command, and send a message')
    .action(async (id: string, message?: string) =>
      context.print(
        await context.client().call(interruptRun, { params: await paramsOf(id), body: { message } }),
        'The current step is interrupted.',
      ),
    );
  for (const [name, contract, description, done] of [
    ['pause', pauseRun, 'pause after the current step', 'The run pauses after the current step.'],
    ['resume', resumeRun, 'continue a paused run', 'The run continues.'],
    ['stop', stopRun, 'end the run', 'The run ends.'],
  ] as const) {
    run
      .command(`${name} <id>`)
      .description(description)
      .option('--reason <text>', 'the reason, kept in the record')
      .action(async (id: string, options: { reason?: string }) =>
        context.print(await context.client().call(contract, { params: await paramsOf(id), body: options }), done),
      );
  }
  run
    .command('raise <id>')
    .description('raise limits of a run, which continues if it waits at one of them')
    .option('--turns <n>', 'turns in all')
    .option('--minutes <n>', 'minutes of work in all')
    .option('--usd <amount>', 'dollars in all', Number)
    .action(async (id: string, options: { turns?: string; minutes?: string; usd?: number }) => {
      const { turns, minutes, usd } = options;
      const body = {
        max_turns: turns === undefined ? undefined : wholeNumber('--turns', turns),
        max_seconds: minutes === undefined ? undefined : 60 * wholeNumber('--minutes', minutes),
        max_usd: usd,
      };
      if (Object.values(body).every((value) => value === undefined))
        throw new CliError('Give --turns, --minutes or --usd.', 2);
      const answer = await context.client().call(raiseRunLimits, { params: await paramsOf(id), body });
      const { max_turns: most, max_seconds: seconds, max_usd: money } = answer.limits;
      context.print(answer, `The run has ${most} turns, ${Math.round(seconds / 60)} minutes and $${money} in all.`);
    });
  run
    .command('fork <id> <turn> <instruction>')
    .description('start a new run from the files and conversation of a turn')
    .action(async (id: string, turn: string, instruction: string) => {
      const body = { turn: wholeNumber('<turn>', turn), instruction };
      const answer = await context.client().call(forkRun, { params: await paramsOf(id), body });
      context.print(answer, `Run ${answer.run_id} continues from turn ${turn}.`);
    });
  run
    .command('compare <id> <other>')
    .description('compare the figures and files of two runs, such as a fork and its original')
    .action(async (id: string, other: string) => {
      const query = { with: (await paramsOf(other)).id };
      const answer = await context.client().call(compareRuns, { params: await paramsOf(id), query });
      const changes = answer.between.files.map((file) => `  ${file.change_type} ${file.path}`);
      context.print(
        answer,
        [
          table([
            ['id', 'status', 'turns', 'cost', 'check', 'files', 'lines', 'title'],
            ...answer.runs.map((r) => [
              shortId(r.id),
              r.status,
              r.turn,
              money(r.cost_micros),
              r.check_passed === null ? '-' : r.check_passed ? 'passed' : 'failed',
              r.files.length,
              `+${r.lines_added} -${r.lines_removed}`,
              r.title,
            ]),
          ]),
          ...(changes.length > 0
            ? ['Different from the first to the second:', ...changes]
            : ['Their files are equal.']),
        ].join('\n'),
      );
    });
  run
    .command('adopt <id>')
    .description('let the accepted work of a fork replace that of the task of its original')
    .action(async (id: string) => {
      const answer = await context.client().call(adoptRun, { params: await paramsOf(id) });
      context.print(answer, `Task ${shortId(answer.task_id)} checks the work of the fork and takes it over.`);
    });
}

const firstLine = (text: string) => text.split('\n')[0] ?? '';

/** An event of a run as a line of text; undefined for events that are not printed. */
function describe(event: EventEnvelope): string | undefined {
  if (!isTypedEvent(event)) return undefined;
  const { type, data } = event;
  switch (type) {
    case 'run.turn.completed':
      return `turn ${data.turn}  ${data.tools.join(', ') || data.stop_reason}`;
    case 'run.tool.completed':
      return `  ${data.tool}${data.is_error ? ' ✗' : ''}  ${cutStart(firstLine(data.result), 120)}`;
    case 'run.message.delivered':
      return `  ← ${firstLine(data.content)}`;
    case 'run.ended':
      return `${data.status}: ${data.message}`;
    default:
      return undefined;
  }
}
