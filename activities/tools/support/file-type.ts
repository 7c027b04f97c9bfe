import { imageType } from '../../support/image-type.ts';
import { isWholeImage } from '../../support/whole-image.ts';

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
  if (image && isWholeImage(bytes, image)) return { kind: 'image', ...image };
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
