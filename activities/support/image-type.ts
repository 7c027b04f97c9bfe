import { imageSize } from 'image-size';

export interface ImageType {
  mediaType: string;
  width: number;
  height: number;
}

/** The formats that a model can see. */
const mediaTypes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};
const beginning = /^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF)/;

/** Media type and size in pixels of an image that a model can see; undefined for others and for damaged headers. */
export function imageType(bytes: Buffer): ImageType | undefined {
  // Other formats are not tried: some of them are searched for in the whole file.
  if (!beginning.test(bytes.toString('latin1', 0, 4))) return undefined;
  try {
    const { type = '', width, height } = imageSize(bytes);
    const mediaType = mediaTypes[type];
    return mediaType && width > 0 && height > 0 ? { mediaType, width, height } : undefined;
  } catch {
    return undefined;
  }
}
