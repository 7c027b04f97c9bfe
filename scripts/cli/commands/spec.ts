import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import {
  answerQuestions,
  approvePhase,
  executeSpec,
  getSpec,
  listSpecs,
  phaseData,
  regeneratePhase,
  requestPhaseChanges,
  retrySpec,
  specExport,
  specQuestions,
  syncSpec,
} from '#server/contracts/specs.ts';
import { oneOf, shortId, specId } from '../arguments.ts';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';
import { retryingLines, table } from '../screen.ts';

const formats = ['json', 'markdown', 'files'] as const;

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
    .description('approve a phase that waits at its gate, or one that failed by its score')
    .option('--reason <text>', 'why the submission of a failed phase is good enough')
    .action(async (id: string, phase: string, { reason }: { reason?: string }) => {
      const client = context.client();
      const params = {
        id: await specId(client, id),
        phase: oneOf('<phase>', phase, approvePhase.params.shape.phase.options),
      };
      context.print(await client.call(approvePhase, { params, body: { reason } }), `${phase} is approved.`);
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
    .command('run <id>')
    .description('start a draft, or a spec that was created without starting')
    .action(async (id: string) => {
      const client = context.client();
      const answer = await client.call(executeSpec, { params: { id: await specId(client, id) } });
      context.print(answer, answer.status === 'started' ? 'It is started.' : 'It is running already.');
    });
  spec
    .command('run-phase <id> <phase>')
    .description('run a phase again that waits at its gate')
    .option('--feedback <text>', 'what the next attempt has to change')
    .action(async (id: string, phase: string, options: { feedback?: string }) => {
      const client = context.client();
      const params = {
        id: await specId(client, id),
        phase: oneOf('<phase>', phase, regeneratePhase.params.shape.phase.options),
      };
      context.print(await client.call(regeneratePhase, { params, body: options }), `${phase} runs again.`);
    });
  spec
    .command('inspect <id>')
    .description('print the stored output, attempts and scores of every phase')
    .option('--phases <phases>', 'only these phases, separated by commas')
    .action(async (id: string, query: { phases?: string }) => {
      const client = context.client();
      const answer = await client.call(phaseData, { params: { id: await specId(client, id) }, query });
      context.print(answer, JSON.stringify(answer.phases, null, 2));
    });
  spec
    .command('create-tickets <id>')
    .description('create the tickets and tasks of the plan; what exists is skipped')
    .option('--dry-run', 'only say what the plan has')
    .action(async (id: string, { dryRun = false }: { dryRun?: boolean }) => {
      const client = context.client();
      const params = { id: await specId(client, id) };
      if (!dryRun) {
        const counts = await client.call(syncSpec, { params });
        const lines = Object.entries(counts).map(([name, count]) => `${name.replace('_', ' ')}: ${count}`);
        return context.print(counts, lines.join('\n'));
      }
      const { files } = await filesOf(params.id);
      const planned = files.filter(({ path: name }) => /^(tickets|tasks)\//.test(name)).map(({ path: name }) => name);
      context.print({ planned }, planned.join('\n') || 'The spec has no plan yet: its phase tasks has not passed.');
    });
  spec
    .command('sync-markdown <id>')
    .description('write the plan as Markdown files with front matter')
    .option('--out <folder>', 'folder that the files are written to', '.omoios')
    .option('--dry-run', 'only list the files')
    .action(async (id: string, { out, dryRun = false }: { out: string; dryRun?: boolean }) => {
      const { files } = await filesOf(await specId(context.client(), id));
      const folder = path.resolve(out);
      for (const { path: name, content } of dryRun ? [] : files) {
        const at = path.join(folder, name);
        await mkdir(path.dirname(at), { recursive: true });
        await writeFile(at, content);
      }
      const names = files.map(({ path: name }) => path.join(out, name));
      context.print({ files: names, written: !dryRun }, names.join('\n'));
    });
  const filesOf = async (id: string) =>
    (await context.client().call(specExport, { params: { id }, query: { format: 'files' } })) as {
      files: { path: string; content: string }[];
    };
  spec
    .command('export <id>')
    .description('print the whole plan')
    .option('--format <format>', 'json, markdown or files', 'markdown')
    .action(async (id: string, options: { format: string }) => {
      const client = context.client();
      const query = { format: oneOf('--format', options.format, formats) };
      const content = await client.call(specExport, { params: { id: await specId(client, id) }, query });
      context.print(content, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    });
}
