import type { Command } from 'commander';
import { rotateStoredSecrets } from '#activities/services/admin.ts';
import type { CliContext } from '../context.ts';
import { onDatabase } from '../on-database.ts';

export function secretsCommand(program: Command, context: CliContext): void {
  program
    .command('secrets')
    .description('stored secrets, by the settings of the database; no server is needed')
    .command('rotate')
    .description('encrypt every stored secret with SECRETS_KEY; SECRETS_OTHER_KEYS are the keys until now')
    .action(async () => {
      const done = await onDatabase(rotateStoredSecrets);
      const lost = Object.entries(done.unreadable);
      if (lost.length > 0) process.exitCode = 1;
      context.print(
        done,
        [
          `${done.changed} secrets are encrypted with the key ${done.key_id} now.`,
          ...lost.map(
            ([key, count]) =>
              `${count} could not be read: they were encrypted with the key ${key}. Add it to SECRETS_OTHER_KEYS and repeat.`,
          ),
          ...(lost.length === 0
            ? ['SECRETS_OTHER_KEYS is needed no longer, once no server has another SECRETS_KEY.']
            : []),
        ].join('\n'),
      );
    });
}
