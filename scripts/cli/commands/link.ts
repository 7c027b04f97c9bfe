import type { Command } from 'commander';
import type { Context } from '../context.ts';

export function linkCommand(program: Command, context: Context): void {
  program
    .command('link')
    .description('a new one-time sign-in link for the web app')
    .action(async () => {
      const answer = await context.client().post<{ url: string }>('/auth/links');
      context.print(answer, answer.url);
    });
}
