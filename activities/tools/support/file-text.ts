import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { cutStart } from '#workflows/domain/text.ts';
import { ToolFailure } from './tool-failure.ts';

/** A file's text, with the facts needed to write its bytes back exactly. */
export interface FileText {
  /** Without the byte order mark; line endings as they are. */
  text: string;
  /** Latin-1 is used for every 8-bit encoding: each byte is one character, so writing back loses nothing. */
  encoding: 'utf-8' | 'latin1';
  bom: boolean;
}

/** SHA-256 of a file's bytes, hex. */
export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const BOM = '\uFEFF';

export function decodeFile(bytes: Buffer): FileText {
  const encoding = isUtf8(bytes) ? 'utf-8' : 'latin1';
  const text = bytes.toString(encoding);
  const bom = encoding === 'utf-8' && text.startsWith(BOM);
  return { text: bom ? text.slice(1) : text, encoding, bom };
}

/** @throws ToolFailure when a character of the text cannot be written in the file's encoding. */
export function encodeFile({ text, encoding, bom }: FileText): Buffer {
  const bytes = Buffer.from(bom ? BOM + text : text, encoding);
  // Node replaces characters that the encoding lacks by '?' or U+FFFD, which must never reach the file.
  if (bytes.toString(encoding) !== (bom ? BOM + text : text)) {
    throw new ToolFailure(
      'failed',
      encoding === 'latin1'
        ? 'The file is not UTF-8 (read as Latin-1), and the new text has characters that Latin-1 lacks. Use only ASCII there, or turn the file into UTF-8 first with bash: iconv.'
        : 'This would leave half of a character (a lone surrogate) in the file. Call again with whole characters.',
    );
  }
  return bytes;
}

/** Lines without their endings; a final newline ends the last line and starts none. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return text.endsWith('\n') ? lines.slice(0, -1) : lines;
}

/** Number, from 1, of the line that holds the character at `index`. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** `12: text` for the lines from..to (numbers from 1), long ones cut at `width` characters. */
export function numbered(lines: readonly string[], from: number, to: number, width = 250): string {
  return lines
    .slice(from - 1, to)
    .map((line, index) => `${from + index}: ${line.length > width ? `${cutStart(line, width)}...` : line}`)
    .join('\n');
}
