import { z } from 'zod';
import type { CommandState, SandboxPort } from '../../ports/sandbox.ts';

const saidSchema = z.discriminatedUnion('end', [
  z.object({ end: z.literal('no_sdk'), message: z.string() }),
  z.object({ end: z.literal('stopped'), returned: z.boolean(), message: z.string() }),
  z.object({
    end: z.literal('error'),
    returned: z.boolean(),
    /** HTTP status of the request that ended it. */
    status: z.number().nullable(),
    message: z.string(),
  }),
]);

/** How a program ended; `killed`: without a word. */
export type ProgramEnd = z.output<typeof saidSchema> | { end: 'killed'; exit_code: number | undefined };

const tailBytes = 20_000;

/** Reads the last line of the output of a program that has ended. */
export async function programEnd(
  sandbox: Pick<SandboxPort, 'readOutput'>,
  sandboxId: string,
  job: string,
  state: CommandState,
): Promise<ProgramEnd> {
  const killed = { end: 'killed' as const, exit_code: state.exit_code };
  if (state.state !== 'exited') return killed;
  const { tail, head } = await sandbox.readOutput(sandboxId, job, { headBytes: tailBytes, tailBytes });
  const text = (tail.length > 0 ? tail : head).toString('utf8');
  for (const line of text.trim().split('\n').reverse()) {
    try {
      const { data } = saidSchema.safeParse(JSON.parse(line));
      if (data) return data;
    } catch {
      // Other output came after it.
    }
  }
  return killed;
}
