import { laterMoment, nameOf } from '#server/contracts/contract.ts';

test.each([
  ['Ada’s garden 🌱', true],
  [' 👩‍💻 ', true],
  ['', false],
  ['  ', false],
  ['Evil\r\nBcc: x@y.z', false],
  ['line\u2028break', false],
  ['\u200b', false],
  ['turned \u202e text', false],
  ['x'.repeat(11), false],
])('the name %j is accepted: %s', (name, accepted) => {
  expect(nameOf(10 + (accepted ? 10 : 0)).safeParse(name).success).toBe(accepted);
});

test.each([
  ['yesterday', 'Invalid ISO datetime'],
  ['1960-01-01T00:00:00Z', 'must be a time after 1970'],
  ['2020-01-01T00:00:00Z', 'must be in the future'],
])('a later moment %s has one fault', (text, message) => {
  expect(laterMoment.safeParse(text).error?.issues.map((issue) => issue.message)).toEqual([message]);
});
