import { entranceTo, planOf, wantedPage } from '../../web/app/lib/chosen-plan.ts';

const site = 'http://localhost:1';

test('[WEB-01] a plan of the table leads from an entrance to its purchase, and nothing else does', () => {
  expect(wantedPage(`${site}/register?plan=pro`)).toBe('/checkout?plan=pro');
  expect(wantedPage(`${site}/sign-in?plan=team`)).toBe('/checkout?plan=team');
  const others = ['', 'Pro', 'gold', 'constructor', 'pro&x', '//evil.example', 'pro/../../x', 'pro\r\nSet-Cookie: x'];
  for (const plan of others) expect(wantedPage(`${site}/register?plan=${encodeURIComponent(plan)}`)).toBe('/command');
  expect([null, undefined, 3, ['pro'], { plan: 'pro' }].map(planOf)).toEqual(Array(5).fill(undefined));
});

test('[WEB-01] a wanted page counts more than a plan, and is of this site', () => {
  expect(wantedPage(`${site}/sign-in?plan=pro&to=%2Fruns`)).toBe('/runs');
  expect(wantedPage(`${site}/sign-in?plan=pro&to=%2F%2Fevil.example`)).toBe('/checkout?plan=pro');
  expect(wantedPage(`${site}/sign-in?to=%2F%5Cevil.example`)).toBe('/command');
});

test('[WEB-01] the other entrance leads to the same page', () => {
  for (const to of ['/command', '/checkout?plan=team', '/runs?a=1&b=2'])
    expect(wantedPage(`${site}${entranceTo('/register', to)}`)).toBe(to);
  expect(entranceTo('/register', '/command')).toBe('/register');
});
