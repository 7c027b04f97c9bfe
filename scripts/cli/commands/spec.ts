import type { Command } from 'commander';
import {
  answerQuestions,
  approvePhase,
  getSpec,
  listSpecs,
  phaseData,
  requestPhaseChanges,
  retrySpec,
  specExport,
  specQuestions,
} from '#server/contracts/specs.ts';
import { oneOf, shortId, specId } from '../arguments.ts';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';
import { retryingLines, table } from '../screen.ts';

const formats = ['json', 'markdown'] as const;

export function specCommands(program: Command, context: CliContext): void {
  const spec = program.command('spec').description('specs, their phases and their gates');
  spec
    .command('list')
    .description('list the newest specs')
    .option('--status <status>', 'only specs with this status')
    .action(async ({ status }: { status?: string }) => {
      const list = await context.client().call(listSpecs, { query: { limit: 50, status } });
      context.print(
        list,
        table([
          ['id', 'status', 'phase', '%', 'title'],
          ...list.items.map((s) => [shortId(s.id), s.status, s.current_phase, s.progress, s.title]),
        ]),
      );
    });
  spec
    .command('show <id>')
    .description('show a spec and its phases')
    .action(async (id: string) => {
      const client = context.client();
      const params = { id: await specId(client, id) };
      const record = await client.call(getSpec, { params });
      const { phases } = await client.call(phaseData, { params });
      const rows = table([
        ['phase', 'status', 'score', 'attempts'],
        ...phases.map((p) => [p.phase, p.status, p.score === null ? '-' : p.score.toFixed(2), p.attempts.length]),
      ]);
      const waiting = record.waiting_for ? `, waiting for a ${record.waiting_for}` : '';
      const error = record.last_error ? `: ${record.last_error}` : '';
      context.print(
        { ...record, phases },
        [record.title, `${record.status}${waiting}${error}`, ...retryingLines(record.retrying), '', rows].join('\n'),
      );
    });
  spec
    .command('questions <id>')
    .description('list the open questions of a plan')
    .action(async (id: string) => {
      const client = context.client();
      const answer = await client.call(specQuestions, { params: { id: await specId(client, id) } });
      const lines = answer.items.flatMap(({ id: question, question: text, assumption, answer: given }) => [
        `${question}  ${text}`,
        `          ${given === null ? `assumed: ${assumption || 'nothing'}` : `answer: ${given}`}`,
      ]);
      context.print(answer, lines.join('\n') || 'The plan has no open questions.');
    });
  spec
    .command('answer <id> <answers...>')
    .description('answer open questions before the design starts, each as <question>=<text>')
    .action(async (id: string, given: string[]) => {
      const client = context.client();
      const answers = given.map((pair) => {
        const [, question = '', answer = ''] = /^(\w+)=(.+)$/s.exec(pair) ?? [];
        if (!answer) throw new CliError(`${pair} must be an id and a text: <question>=<text>.`, 2);
        return { id: question, answer };
      });
      const result = await client.call(answerQuestions, {
        params: { id: await specId(client, id) },
        body: { answers },
      });
      context.print(result, `${result.answered} answered. The design is made with the answers.`);
    });
  spec
    .command('approve <id> <phase>')
    .description('approve a phase that waits at its gate')
    .action(async (id: string, phase: string) => {
      const client = context.client();
      const params = {
        id: await specId(client, id),
        phase: oneOf('<phase>', phase, approvePhase.params.shape.phase.options),
      };
      context.print(await client.call(approvePhase, { params }), `${phase} is approved.`);
    });
  spec
    .command('request-changes <id> <phase> <feedback>')
    .description('send a phase that waits at its gate back with feedback')
    .action(async (id: string, phase: string, feedback: string) => {
      const client = context.client();
      const params = {
        id: await specId(client, id),
        phase: oneOf('<phase>', phase, approvePhase.params.shape.phase.options),
      };
      const answer = await client.call(requestPhaseChanges, { params, body: { feedback } });
      context.print(answer, `${phase} runs again with your feedback.`);
    });
  spec
    .command('retry <id>')
    .description('retry the parts of a spec that failed')
    .option('--feedback <text>', 'feedback for the next attempt of a failed phase')
    .action(async (id: string, options: { feedback?: string }) => {
      const client = context.client();
      const answer = await client.call(retrySpec, { params: { id: await specId(client, id) }, body: options });
      context.print(answer, 'The failed parts are retried.');
    });
  spec
    .command('export <id>')
    .description('print the whole plan')
    .option('--format <format>', 'json or markdown', 'markdown')
    .action(async (id: string, options: { format: string }) => {
      const client = context.client();
      const query = { format: oneOf('--format', options.format, formats) };
      const content = await client.call(specExport, { params: { id: await specId(client, id) }, query });
      context.print(content, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    });
}
