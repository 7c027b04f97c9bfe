import { inflateSync } from 'node:zlib';
import { imageType, type ImageType } from '../../support/image-type.ts';

export type FileType =
  | { kind: 'text' }
  | { kind: 'image'; mediaType: string; width: number; height: number }
  | { kind: 'binary'; name: string };

const signatures: [hex: string, name: string][] = [
  ['7f454c46', 'ELF program or library'],
  ['504b0304', 'ZIP archive (also jar, docx, xlsx)'],
  ['1f8b', 'gzip archive'],
  ['fd377a585a00', 'xz archive'],
  ['28b52ffd', 'zstd archive'],
  ['425a68', 'bzip2 archive'],
  ['255044462d', 'PDF document'],
  ['53514c69746520666f726d6174203300', 'SQLite database'],
  ['0061736d', 'WebAssembly module'],
  ['cafebabe', 'Java class or Mach-O program'],
  ['89504e470d0a1a0a', 'damaged PNG image'],
  ['ffd8ff', 'damaged JPEG image'],
  ['474946383', 'damaged GIF image'],
  ['52494646', 'damaged WebP image, or sound or film (RIFF)'],
  ['fffe', 'UTF-16 text'],
  ['feff', 'UTF-16 text'],
];

/** Detected from the bytes alone, since a file's extension may be wrong. */
export function fileType(bytes: Buffer): FileType {
  const image = imageType(bytes);
  if (image && isWhole(bytes, image)) return { kind: 'image', ...image };
  const start = bytes.subarray(0, 4096);
  // A PDF can begin with enough plain text to look like a text file.
  if (!image && !looksBinary(start) && start.toString('latin1', 0, 5) !== '%PDF-') return { kind: 'text' };
  const hex = start.toString('hex', 0, 16);
  return { kind: 'binary', name: signatures.find(([signature]) => hex.startsWith(signature))?.[1] ?? 'binary file' };
}

/** NUL, or more than 30 % control bytes in the first 4 KB. */
function looksBinary(start: Buffer): boolean {
  if (start.includes(0)) return true;
  const control = start.filter(
    (byte) => (byte < 32 && !(byte >= 8 && byte <= 13) && byte !== 27) || byte === 127,
  ).length;
  return control > start.length * 0.3;
}

/** The API refuses the whole conversation for an incomplete image, such as a screenshot that is being written. */
function isWhole(bytes: Buffer, { mediaType, width, height }: ImageType): boolean {
  switch (mediaType) {
    case 'image/png':
      return pngDecodes(bytes, width * height);
    case 'image/jpeg':
      return bytes.includes(Buffer.from('ffd9', 'hex'));
    case 'image/gif':
      return bytes.at(-1) === 0x3b;
    default:
      return bytes.length >= bytes.readUInt32LE(4) + 8;
  }
}

/** Larger images are refused for their size, so that a small file cannot unpack to any length. */
const mostPixels = 16_000_000;

/** Whether a PNG has an end, and data that unpacks to pixels. */
function pngDecodes(bytes: Buffer, pixels: number): boolean {
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return pixels > mostPixels || unpacks(Buffer.concat(data));
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  return false;
}

function unpacks(data: Buffer): boolean {
  try {
    // 8 bytes a pixel are the most that the format has; the rest is for the filter of each row.
    return inflateSync(data, { maxOutputLength: 9 * mostPixels }).length > 0;
  } catch {
    return false;
  }
}
