import { pathOr } from '../../web/app/lib/own-path.ts';

test('a wanted page leads to a path of this site only', () => {
  const elsewhere = [
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r/evil.example',
    '\t//evil.example',
    '/\t\\evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    'http://evil.example/',
    'javascript:alert(1)',
    'evil.example',
    '//',
    '',
    null,
  ];
  expect(elsewhere.map((wanted) => [wanted, pathOr('/command', wanted)])).toEqual(
    elsewhere.map((wanted) => [wanted, '/command']),
  );
  const own = ['/board/1?of=tickets&open=2#top', '/', '/a//b', '/%09/x', '/x?to=//evil.example'];
  expect(own.map((wanted) => pathOr('/command', wanted))).toEqual(own);
  expect(pathOr('/command', '/a\r\nSet-Cookie: x')).toBe('/aSet-Cookie:%20x');
});
