import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { getEnvironment, surveyProject } from '#server/contracts/environment.ts';
import { getProject, listProjects, updateProject, urlWithToken } from '#server/contracts/projects.ts';
import { oneOf, projectId, shortId } from '../arguments.ts';
import { CliError, type Client } from '../client.ts';
import type { CliContext } from '../context.ts';
import { environmentLines, type Environment } from '../environment-lines.ts';
import { table } from '../screen.ts';

/** The largest token that is read: whatever is longer is another file. */
const longestToken = 2000;

/** Surveys the repository and waits for the result. */
async function surveyed(client: Client, params: { id: string }): Promise<Environment> {
  const before = await client.call(getEnvironment, { params });
  await client.call(surveyProject, { params });
  for (;;) {
    const now = await client.call(getEnvironment, { params });
    if (now.state !== 'surveying' && now.started_at !== before.started_at) return now;
    await sleep(1000);
  }
}

export function projectCommands(program: Command, context: CliContext): void {
  const project = program
    .command('project')
    .description('projects, their repositories, and what the survey of them found');
  project
    .command('list')
    .description('list the newest projects')
    .option('--status <status>', 'active, paused or archived', 'active')
    .action(async ({ status }: { status: string }) => {
      const allowed = ['active', 'paused', 'archived'] as const;
      const list = await context.client().call(listProjects, {
        query: { limit: 200, status: oneOf('--status', status, allowed) },
      });
      context.print(
        list,
        table([
          ['id', 'name', 'branch', 'repository'],
          ...list.items.map((p) => [shortId(p.id), p.name, p.default_branch, p.repository.path ?? p.repository.url]),
        ]),
      );
    });
  project
    .command('show <id>')
    .description('show a project; the id, its beginning, or the name')
    .action(async (id: string) => {
      const client = context.client();
      const p = await client.call(getProject, { params: { id: await projectId(client, id) } });
      context.print(
        p,
        [
          p.name,
          `${p.repository.path ?? p.repository.url}, branch ${p.default_branch}`,
          `${p.status}${p.autonomous_execution_enabled ? '' : ', starts no work by itself'}`,
        ].join('\n'),
      );
    });
  project
    .command('set-token <id>')
    .description("replace the token of a project's repository; the new one is read from standard input")
    .option('--user <name>', 'the user name that the host wants beside the token, such as oauth2')
    .action(async (id: string, { user }: { user?: string }) => {
      const client = context.client();
      const params = { id: await projectId(client, id) };
      const { repository } = await client.call(getProject, { params });
      // As an argument, every process of the machine could read it.
      if (process.stdin.isTTY)
        throw new CliError(
          'Give the token on standard input: omoios project set-token ID < FILE, or pipe it from your password manager.',
          2,
        );
      const token = (await text(process.stdin)).trim();
      if (token === '' || token.length > longestToken || /\s/.test(token))
        throw new CliError('Standard input must hold one token, without spaces, and nothing else.', 2);
      const url = urlWithToken(repository.url ?? '', token, user);
      if (!url) throw new CliError('The repository of this project is not at an http(s) URL, so it has no token.', 1);
      const answer = await client.call(updateProject, { params, body: { repository: { url } } });
      context.print(answer, `The repository accepts the new token of ${answer.name}. The old one is deleted.`);
    });
  project
    .command('doctor <id>')
    .description("show what the survey of the project's repository found, with remedies")
    .option('--again', 'survey the repository again, and wait for the result')
    .action(async (id: string, { again }: { again?: boolean }) => {
      const client = context.client();
      const params = { id: await projectId(client, id) };
      const environment = again ? await surveyed(client, params) : await client.call(getEnvironment, { params });
      context.print(environment, environmentLines(environment).join('\n'));
      if (environment.state === 'failed') process.exitCode = 1;
    });
}
