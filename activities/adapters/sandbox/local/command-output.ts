import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { CommandOutput } from '../../../ports/sandbox.ts';
import { jobDir, type Layout } from './layout.ts';

/** The output of a command: all of it when it fits in the two limits, else its start and its end. */
export async function readOutput(
  layout: Layout,
  jobId: string,
  limits: { headBytes: number; tailBytes: number },
): Promise<Omit<CommandOutput, 'path'>> {
  const handle = await open(path.join(jobDir(layout, jobId), 'log')).catch(() => undefined);
  if (!handle) return { head: Buffer.alloc(0), tail: Buffer.alloc(0), total_bytes: 0, total_lines: 0 };
  try {
    const { size } = await handle.stat();
    const whole = size <= limits.headBytes + limits.tailBytes;
    const headBytes = whole ? size : limits.headBytes;
    const tailBytes = whole ? 0 : limits.tailBytes;
    const part = async (length: number, position: number) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const [head, tail, lines] = [
      await part(headBytes, 0),
      await part(tailBytes, size - tailBytes),
      await countLines(handle, size),
    ];
    return { head, tail, total_bytes: size, total_lines: lines };
  } finally {
    await handle.close();
  }
}

async function countLines(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(2 ** 20);
  let lines = 0;
  let last = 10;
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) break;
    for (let i = buffer.indexOf(10); i >= 0 && i < bytesRead; i = buffer.indexOf(10, i + 1)) lines++;
    last = buffer[bytesRead - 1] as number;
    at += bytesRead;
  }
  return last === 10 ? lines : lines + 1;
}
