import { inflateSync } from 'node:zlib';
import type { ImageType } from './image-type.ts';

/**
 * Whether an image has all its parts up to its end. A provider refuses the whole conversation for one that it cannot
 * decode, and screenshots are read while they are being written. The pixels of a PNG are unpacked as well. Damage inside
 * the pixels of other formats is left to the provider: decoders disagree about it, and a refused image is dropped.
 */
export function isWholeImage(bytes: Buffer, { mediaType, width, height }: ImageType): boolean {
  try {
    switch (mediaType) {
      case 'image/png':
        return pngDecodes(bytes, width * height);
      case 'image/jpeg':
        return jpegEnds(bytes);
      case 'image/gif':
        return gifEnds(bytes);
      default:
        return webpEnds(bytes);
    }
  } catch (error) {
    if (behindEnd.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Codes of a read of a length or a marker that lies behind the end. */
const behindEnd = new Set(['ERR_OUT_OF_RANGE', 'ERR_BUFFER_OUT_OF_BOUNDS']);

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

/** Whether a JPEG has a scan and the marker of its end. The thumbnail in a segment has an end of its own. */
function jpegEnds(bytes: Buffer): boolean {
  let hasScan = false;
  for (let at = 2; ;) {
    if (bytes.readUInt8(at) !== 0xff) return false;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xd9) return hasScan;
    // Before a marker there may be any number of fill bytes.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    at += 2 + bytes.readUInt16BE(at + 2);
    if (marker !== 0xda) continue;
    hasScan = true;
    at = scanEnd(bytes, at);
  }
}

/** The first marker after a scan's data: there 0xff is followed by 0 or by the number of a restart. */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 2)) {
    const next = bytes.readUInt8(at + 1);
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

/** Whether a GIF has a picture and the byte of its end. */
function gifEnds(bytes: Buffer): boolean {
  const tableOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const afterParts = (from: number) => {
    let at = from;
    for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += 1 + length;
    return at + 1;
  };
  let hasPicture = false;
  for (let at = 13 + tableOf(bytes.readUInt8(10)); ;) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) return hasPicture;
    if (kind === 0x21) at = afterParts(at + 2);
    else if (kind === 0x2c) {
      hasPicture = true;
      at = afterParts(at + 11 + tableOf(bytes.readUInt8(at + 9)));
    } else return false;
  }
}

/** Whether a WebP has a picture, and every part up to the length that it names. */
function webpEnds(bytes: Buffer): boolean {
  const end = 8 + bytes.readUInt32LE(4);
  let hasPicture = false;
  let at = 12;
  while (at < end) {
    hasPicture ||= ['VP8 ', 'VP8L', 'ANMF'].includes(bytes.toString('latin1', at, at + 4));
    const length = bytes.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  // Some writers leave out the byte that fills up an odd length.
  return hasPicture && at <= bytes.length + 1 && end <= bytes.length + 1;
}
