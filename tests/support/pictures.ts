import { deflateSync } from 'node:zlib';

const uint32 = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const chunk = (type: string, data: Buffer) =>
  Buffer.concat([uint32(data.length), Buffer.from(type), data, Buffer.alloc(4)]);

/** A black picture. Its checksums are left out: nobody looks at them. */
export const png = (width: number, height: number): Buffer =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height))),
    chunk('IEND', Buffer.alloc(0)),
  ]);

/** Pictures of 40 x 30 pixels, and a GIF of one, as a browser draws and shows them. */
export const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAeACgDASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAAAAAAAAIDAQT/xAAaEAEAAgMBAAAAAAAAAAAAAAAAAhMDQWES/8QAFgEBAQEAAAAAAAAAAAAAAAAAAgME/8QAHREAAgICAwEAAAAAAAAAAAAAAAIDEQESBBMhMf/aAAwDAQACEQMRAD8A8wNhjj3v02zz9NeXZiNkZNG8Gq3ZKLl9j4XUgBnNwXZxASuy/CUkSSVtguziZS9acCaV2xWchTjxpnZcegBMuf/Z',
  'base64',
);
export const webp = Buffer.from(
  'UklGRngAAABXRUJQVlA4IGwAAABQBACdASooAB4APv1urFArJqSitUgBYB+JZADGb6J6qyv8DSdVg/xUDdWQAP7bCqT8m1g0B16n/VztGbg/gFtTH/mDwoX87P7waNXKjaN9JF/8fJvY3RrnUzUln35WYRz1BGDrXdg4r0wAAAA=',
  'base64',
);
export const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
