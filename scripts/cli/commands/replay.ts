import type { Command } from 'commander';
import { CliError } from '../client.ts';
import type { CliContext } from '../context.ts';

export function replayCommand(program: Command, context: CliContext): void {
  program
    .command('replay <workflow-id-or-file>')
    .description('replay a history with the current code; print the first event that differs')
    .action(async (target: string) => {
      const { replay } = await import('#temporal/replay.ts');
      const results = await replay(target);
      const broken = results.find((result) => result.error);
      const text = results
        .map(
          (result) =>
            `${result.error ? '✗' : '✓'} ${result.workflow_id} ${result.run_id.slice(0, 8)}: ${result.events} events${result.error ? `\n  ${result.error}` : ''}`,
        )
        .join('\n');
      context.print(results, text);
      if (broken) throw new CliError('The history does not match the current code.', 1);
    });
}
