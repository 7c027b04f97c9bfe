import { isUtf8 } from 'node:buffer';

const marks = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * The text of a file, without its byte-order mark, which names the encoding. Without a mark it is UTF-8, otherwise
 * Latin-1, as the agent's file tools read it.
 * @returns undefined when the bytes are not text.
 */
export function decodeText(bytes: Buffer): string | undefined {
  const mark = marks.find((known) => known.bytes.every((byte, i) => bytes[i] === byte));
  const encoding = mark?.encoding ?? (isUtf8(bytes) ? 'utf-8' : 'latin1');
  const text = new TextDecoder(encoding).decode(bytes);
  return text.includes('\0') ? undefined : text;
}
