import { contentTokens } from '#activities/support/content-tokens.ts';
import { factsOf } from '#workflows/domain/agent/models.ts';

/** A header of a PNG, as much as its size needs, behind it any number of bytes. */
function png(width: number, height: number, bytes: number): string {
  const data = Buffer.alloc(40 + bytes, 1);
  data.write('89504e470d0a1a0a0000000d49484452', 'hex');
  data.writeUInt32BE(width, 16);
  data.writeUInt32BE(height, 20);
  return data.toString('base64');
}

const facts = factsOf('claude-sonnet-5-5');
const result = (data: string) =>
  JSON.stringify([
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
    },
  ]);

test('an image counts by its pixels, not by its bytes', () => {
  const small = contentTokens(result(png(280, 280, 0)), facts);
  expect(small).toBeGreaterThanOrEqual(100);
  expect(small).toBeLessThan(150);
  expect(contentTokens(result(png(280, 280, 1_000_000)), facts)).toBe(small);
});

test('an image that cannot be read counts as the largest one, and text by its characters', () => {
  expect(contentTokens(result('aGVsbG8='), facts)).toBeGreaterThan(facts.images.max_tokens);
  expect(contentTokens(JSON.stringify([{ type: 'text', text: 'x'.repeat(350) }]), facts)).toBeLessThan(120);
});
