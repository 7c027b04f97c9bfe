import type { EvidenceItem, RanCommand } from '#workflows/domain/agent/completion.ts';
import { storableText } from '#workflows/domain/text.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';
import { commandEnvironment } from '../../tools/support/command-environment.ts';

/** Commands of one claim that are run. */
const maxCommands = 10;
const outputBytes = 20_000;

/**
 * Runs the commands of a claim in the run's sandbox, one after the other. What a program in the sandbox says of its own
 * commands proves nothing. A repeated call finds the commands that ran.
 * @param claim counts the claims of the run.
 */
export async function runEvidence(
  { sandbox, config, redact }: Pick<Services, 'sandbox' | 'config' | 'redact'>,
  run: Run,
  evidence: EvidenceItem[],
  claim: number,
): Promise<RanCommand[]> {
  const commands = [...new Set(evidence.flatMap(({ command }) => command ?? []))].slice(0, maxCommands);
  const ran: RanCommand[] = [];
  for (const [i, command] of commands.entries()) {
    const job = `${run.id}.claim.${claim}.${i}`;
    const id = run.sandbox_id;
    const before = await sandbox.treeHash(id);
    await sandbox.startCommand(id, {
      job_id: job,
      command,
      network: run.settings.network ?? 'none',
      env: commandEnvironment,
    });
    const state = await sandbox.waitCommand(id, job, { timeoutMs: config.tools.command_max_timeout * 1000 });
    if (state.state === 'running') await sandbox.killCommand(id, job);
    const output = await sandbox.readOutput(id, job, { headBytes: outputBytes, tailBytes: outputBytes });
    const whole = output.total_bytes <= output.head.length;
    ran.push({
      tool_use_id: job,
      command,
      exit_code: state.exit_code ?? null,
      output: redact(storableText(`${output.head.toString()}${whole ? '' : output.tail.toString()}`)),
      tree_before: before,
      tree_after: await sandbox.treeHash(id),
    });
  }
  // Newest first, as the record of other runs is.
  return ran.reverse();
}
