import type { Command } from 'commander';
import { createSignInLink } from '#server/contracts/auth.ts';
import type { CliContext } from '../context.ts';

export function linkCommand(program: Command, context: CliContext): void {
  program
    .command('link')
    .description('create a one-time sign-in link for the web app')
    .action(async () => {
      const answer = await context.client().call(createSignInLink, {});
      context.print(answer, answer.url ?? '');
    });
}
