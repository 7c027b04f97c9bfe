import { boundedText } from '#server/mcp/bounded.ts';

test('[MCP-09] a long answer has its long texts cut, each with what it lacks, and one of too many rows is refused', () => {
  const rows = (count: number, length: number) => ({
    items: Array.from({ length: count }, (_, at) => ({ id: at, text: 'x'.repeat(length) })),
  });
  expect(JSON.parse(boundedText(rows(3, 100)))).toEqual(rows(3, 100));
  const cut = boundedText(rows(40, 50_000));
  expect(cut.length).toBeLessThanOrEqual(100_000);
  expect(JSON.parse(cut).items[39]).toMatchObject({
    id: 39,
    text: expect.stringMatching(/^x+… \(48000 more characters\)$/),
  });
  expect(() => boundedText(rows(10_000, 50))).toThrow('Ask for fewer rows');
});
