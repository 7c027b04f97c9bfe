import type { CommandOutput } from '../../ports/sandbox.ts';
import { joinEnds } from './cut-output.ts';
import { isNoise, terminalText } from './terminal-text.ts';
import type { ToolContext } from './tool.ts';
import { digits } from './wording.ts';

/** Share of the limit for the first lines. */
const HEAD = 0.2;
/** Bytes to read for each character: a character has up to 4 bytes, and control sequences are removed afterwards. */
const BYTES_PER_CHARACTER = 4;

/** A command's output as the model sees it, in at most `room` characters. */
export async function commandOutput(
  { sandbox, call }: ToolContext,
  room: number,
): Promise<{ text: string; path: string }> {
  const bytes = room * BYTES_PER_CHARACTER;
  const output = await sandbox.port.readOutput(sandbox.id, call.job_id, {
    headBytes: Math.ceil(bytes * HEAD),
    tailBytes: Math.ceil(bytes * (1 - HEAD)),
  });
  return { text: shown(output, room), path: output.path };
}

function shown(output: CommandOutput, room: number): string {
  const whole = output.head.length + output.tail.length >= output.total_bytes;
  // The two ends are read separately, so they may begin or stop within a character.
  const head = terminalText(
    whole ? Buffer.concat([output.head, output.tail]).toString() : output.head.toString().replace(/\uFFFD+$/, ''),
  );
  const tail = whole ? head : terminalText(output.tail.toString().replace(/^\uFFFD+/, ''));
  if (isNoise(head))
    return `[binary output of ${digits(output.total_bytes)} bytes, not shown; the log is ${output.path}]`;
  const text = head.trimEnd();
  if (whole && text.length <= room) return text === '' ? 'no output' : text;
  const hint = `The log ${output.path} has all of it; see more with bash: sed -n '1,200p' ${output.path}, or grep -n WORD ${output.path}`;
  return joinEnds(head, tail.trimEnd(), room, { head: HEAD, hint, totalLines: output.total_lines });
}
