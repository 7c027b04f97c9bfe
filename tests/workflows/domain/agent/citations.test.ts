import { citationsOf, showCitation } from '#workflows/domain/agent/citations.ts';

test.each([
  ['It is in src/a.ts:12.', ['src/a.ts:12']],
  ['`src/a.ts:12-20`, ./b.py:3 and b.py:3', ['src/a.ts:12-20', 'b.py:3']],
  ['a.ts:7-3, a.ts:7 and src/b.ts:1–4', ['a.ts:7', 'src/b.ts:1-4']],
  ['(.github/workflows/ci.yml:7)', ['.github/workflows/ci.yml:7']],
  ['see [app/[id]/page.tsx:4] and app/(shop)/cart.tsx:9', ['app/[id]/page.tsx:4', 'app/(shop)/cart.tsx:9']],
  ['at 12:30 on http://localhost:3000/a and host:80', []],
  ['The Makefile decides.', []],
  ['cmd/Makefile:3', ['cmd/Makefile:3']],
])('%s', (text, places) => {
  expect(citationsOf(text).map(showCitation)).toEqual(places);
});
