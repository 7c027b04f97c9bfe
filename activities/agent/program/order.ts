import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { noticeText } from '#workflows/domain/agent/notices.ts';
import type { RunKind } from '#workflows/domain/agent/run.ts';
import { completeTaskText, programOptions } from '#workflows/domain/agent/runners.ts';
import { messageWithId } from '#workflows/domain/agent/user-message.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';
import { commandEnvironment } from '../../tools/support/command-environment.ts';
import type { PlatformAccess } from '../sandbox-key.ts';

/** What the program in the sandbox is started with. */
interface ProgramOrder {
  job_id: string;
  task_id: string | null;
  sdk_folder: string;
  /** The first message of the run, for a session that begins. */
  opening: string;
  /** What the agent is told now; '' where there is no news. */
  text: string;
  /** Ids of the messages in it. */
  given: string[];
  complete_task: string;
  options: object;
}

/** Folder of the program in every sandbox. */
const folder = '/tmp/omoios-program';
const source = path.join(import.meta.dirname, 'program.mjs');

export const programJob = (run: Pick<Run, 'id'>, number: number) => `${run.id}.program.${number}`;

/** What the agent is told when its program starts: the opening of an iteration, messages that wait, and notices. */
async function textFor(
  { store }: Services,
  run: Run,
  notices: string[],
): Promise<Pick<ProgramOrder, 'text' | 'given'>> {
  const waiting = await store.messages.undelivered(run.id);
  const parts = [
    ...(run.pending_opening === null ? [] : [run.pending_opening]),
    ...waiting.map(messageWithId),
    ...notices.map((code) => noticeText(code, run.limits.notice_at, run.kind as RunKind)),
  ];
  return { text: parts.join('\n\n'), given: waiting.map(({ id }) => id) };
}

/** Starts the program of a number in the run's sandbox. A repeated call finds the one that was started. */
export async function startProgram(
  services: Services,
  run: Run,
  { number, notices, access }: { number: number; notices: string[]; access: PlatformAccess },
): Promise<void> {
  const { sandbox, config } = services;
  const job = programJob(run, number);
  const order: ProgramOrder = {
    job_id: job,
    task_id: run.task_id,
    sdk_folder: config.run.sdk_folder,
    opening: run.opening,
    ...(await textFor(services, run, notices)),
    complete_task: completeTaskText,
    options: programOptions(run),
  };
  const write = (name: string, input: string) =>
    sandbox.exec(run.sandbox_id, ['sh', '-c', `mkdir -p ${folder} && cat > ${folder}/${name}`], { input });
  await write('program.mjs', await readFile(source, 'utf8'));
  await write(`${job}.json`, JSON.stringify(order));
  const { OMOIOS_API_URL, OMOIOS_SANDBOX_ID, OMOIOS_SANDBOX_KEY } = access.env;
  await sandbox.startCommand(run.sandbox_id, {
    job_id: job,
    command: `exec node ${folder}/program.mjs ${folder}/${job}.json`,
    network: run.settings.network === undefined || run.settings.network === 'none' ? 'platform' : run.settings.network,
    platform: access.platform,
    env: {
      ...commandEnvironment,
      ...access.env,
      ANTHROPIC_BASE_URL: `${OMOIOS_API_URL}/sandboxes/${OMOIOS_SANDBOX_ID}/model`,
      ANTHROPIC_AUTH_TOKEN: OMOIOS_SANDBOX_KEY ?? '',
      // It runs as root where the sandbox's user is root.
      IS_SANDBOX: '1',
      CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      BASH_DEFAULT_TIMEOUT_MS: String(config.tools.command_timeout * 1000),
      BASH_MAX_TIMEOUT_MS: String(config.tools.command_max_timeout * 1000),
    },
  });
}
