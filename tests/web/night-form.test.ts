import { nextMorning, nightOf, nightProblems } from '../../web/app/lib/night-form.ts';

const form = (fields: [string, string][]) => {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
};

test('the terms of a launch are those that its form names, and none while their part is folded', () => {
  const fields: [string, string][] = [
    ['stop_at', '2030-01-31T07:00:00.000Z'],
    ['forbidden_paths', 'docs/** \r\n\r\n *.lock\r\n'],
    ['raise_usd', '0'],
    ['wake_me', 'done'],
    ['wake_me', 'failure'],
    ['wake_me', 'noise'],
  ];
  expect(nightOf(form([['night', 'on'], ...fields]))).toEqual({
    stop_at: '2030-01-31T07:00:00.000Z',
    forbidden_paths: ['docs/**', '*.lock'],
    raise_usd: 0,
    wake_me: ['failure', 'done'],
  });
  expect(nightOf(form(fields))).toBeUndefined();
  expect(
    nightOf(
      form([
        ['night', 'on'],
        ['stop_at', ''],
        ['raise_usd', ' '],
      ]),
    ),
  ).toEqual({});
});

test('the next morning is that of today until seven, and then that of tomorrow, over the end of a month too', () => {
  expect(nextMorning(new Date(2030, 0, 31, 6, 59))).toBe('2030-01-31T07:00');
  expect(nextMorning(new Date(2030, 0, 31, 7, 0))).toBe('2030-02-01T07:00');
});

test('what is wrong with a term stands at its field', () => {
  const details = [
    { field: 'night.stop_at', message: 'must be in the future' },
    { field: 'night.forbidden_paths.0', message: 'must be relative' },
    { field: 'night.forbidden_paths.2', message: 'is too long' },
  ];
  const at = {
    stop_at: 'The time must be in the future.',
    forbidden_paths: 'Path 1 must be relative. Path 3 is too long.',
    raise_usd: undefined,
  };
  expect(nightProblems({ details })).toEqual({ ...at, all: true });
  expect(nightProblems({ details: [...details, { field: 'title', message: 'is missing' }] })).toEqual({
    ...at,
    all: false,
  });
  expect(nightProblems(null).all).toBe(false);
});
