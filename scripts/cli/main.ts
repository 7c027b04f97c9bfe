import { Command, CommanderError } from 'commander';
import { ConfigError } from '#activities/services/config.ts';
import { version } from '#activities/services/version.ts';
import { CliError } from './client.ts';
import { adminCommand } from './commands/admin.ts';
import { billingCommand } from './commands/billing.ts';
import { doctorCommand } from './commands/doctor.ts';
import { featureCommand } from './commands/feature.ts';
import { linkCommand } from './commands/link.ts';
import { projectCommands } from './commands/project.ts';
import { replayCommand } from './commands/replay.ts';
import { inboxCommands } from './commands/inbox.ts';
import { reportCommand } from './commands/report.ts';
import { runCommands } from './commands/run.ts';
import { secretsCommand } from './commands/secrets.ts';
import { specCommands } from './commands/spec.ts';
import { taskCommands } from './commands/task.ts';
import { requireValues } from './arguments.ts';
import { CliContext } from './context.ts';
import { harmless } from './screen.ts';
import { AppError } from '#workflows/domain/errors.ts';

const program = new Command('omoios');
program
  .description('Describe a feature before bed, wake up to a reviewed pull request.')
  .version(version)
  .option('--json', 'print JSON')
  .option('--api <url>', 'address of the OmoiOS API')
  .option('--org <id or slug>', 'organization, for members of several')
  .configureHelp({ showGlobalOptions: true });
program.exitOverride();
program.hook('preAction', (_program, command) => requireValues(command));
const context = new CliContext(program);
featureCommand(program, context);
specCommands(program, context);
runCommands(program, context);
taskCommands(program, context);
projectCommands(program, context);
inboxCommands(program, context);
reportCommand(program, context);
doctorCommand(program, context);
replayCommand(program, context);
linkCommand(program, context);
adminCommand(program, context);
billingCommand(program, context);
secretsCommand(program, context);
// Global options are accepted anywhere on the line.
const hoisted = [...process.argv.slice(0, 2)];
const rest = process.argv.slice(2);
for (let i = 0; i < rest.length;) {
  if (rest[i] === '--json') hoisted.splice(2, 0, ...rest.splice(i, 1));
  else if ((rest[i] === '--api' || rest[i] === '--org') && rest[i + 1]) hoisted.splice(2, 0, ...rest.splice(i, 2));
  else i += 1;
}

try {
  await program.parseAsync([...hoisted, ...rest]);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const known = error instanceof CliError || error instanceof ConfigError || error instanceof AppError;
    const message = known ? error.message : ((error as Error).stack ?? String(error));
    console.error(harmless(context.json ? JSON.stringify({ error: message }) : message));
    process.exitCode = error instanceof CliError ? error.exitCode : error instanceof ConfigError ? 2 : 1;
  }
}
// Output to a pipe is written later, and `process.exit` would drop what has not been written yet.
const written = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit(process.exitCode ?? 0);
