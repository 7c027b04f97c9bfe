import type { Readable } from 'node:stream';

const block = 512;
const partBytes = 2 ** 20;
const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** The header of one file in a tar archive (ustar). */
function header(name: string, size: number): Buffer {
  const head = Buffer.alloc(block);
  head.write(name, 0, 100);
  head.write(octal(0o600, 8), 100);
  head.write(octal(0, 8), 108);
  head.write(octal(0, 8), 116);
  head.write(octal(size, 12), 124);
  head.write(octal(Math.floor(Date.now() / 1000), 12), 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\u000000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/** An archive with one file. The engine takes files only so. */
export async function* archiveOf(name: string, content: Blob): AsyncGenerator<Uint8Array> {
  yield header(name, content.size);
  for (let from = 0; from < content.size; from += partBytes)
    yield Buffer.from(await content.slice(from, from + partBytes).arrayBuffer());
  yield Buffer.alloc(((block - (content.size % block)) % block) + 2 * block);
}

/** The content of the first file of an archive. */
export async function* firstFile(archive: Readable): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let left: number | undefined;
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    let rest = chunk;
    while (left === undefined && rest.length > 0) {
      const needed = block - head.length;
      head = Buffer.concat([head, rest.subarray(0, needed)]);
      rest = rest.subarray(needed);
      if (head.length < block) break;
      // A header of another kind says more about the next one: its content is skipped.
      const size = parseInt(head.subarray(124, 136).toString().replaceAll(/[\0 ]/g, ''), 8);
      if (head[156] === 48 || head[156] === 0) left = size;
      else {
        const skipped = Math.ceil(size / block) * block;
        if (rest.length < skipped) throw new Error('The archive of the engine cannot be read.');
        rest = rest.subarray(skipped);
        head = Buffer.alloc(0);
      }
    }
    if (!left) continue;
    const part = rest.subarray(0, left);
    left -= part.length;
    if (part.length > 0) yield part;
  }
}
