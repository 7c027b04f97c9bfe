import { slugOf } from '../../web/app/lib/slug.ts';

test.each([
  ['Side work', 'side-work'],
  ['  Müller & Søn (2026)  ', 'muller-s-n-2026'],
  ['日本', ''],
  [`${'a'.repeat(99)} b`, 'a'.repeat(99)],
])('the slug that is suggested for %j is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});
