import { githubApi, githubPlace } from '#activities/adapters/code-host/github-place.ts';

test.each([
  ['https://github.com/acme/shop', 'acme/shop'],
  ['https://github.com/acme/shop.git/', 'acme/shop'],
  ['https://github.com/acme/shop.js.git', 'acme/shop.js'],
  ['git@github.com:acme/shop.git', 'acme/shop'],
  ['ssh://git@github.com/acme/shop.git', 'acme/shop'],
  ['https://github.com.evil.example/acme/shop', undefined],
  ['https://evil.example/github.com/acme/shop', undefined],
  ['https://github.com:8443/acme/shop', undefined],
  ['https://github.com/acme', undefined],
  ['https://github.com/acme/shop/tree/main', undefined],
  ['/srv/github.com/acme/shop', undefined],
  [null, undefined],
])('the address %s names the repository %s', (address, place) => {
  const found = githubPlace(address, 'https://github.com');
  expect(found && `${found.owner}/${found.repo}`).toBe(place);
});

test('the API of a GitHub server follows from its address', () => {
  expect(githubApi('https://github.com')).toBe('https://api.github.com');
  expect(githubApi('https://git.acme.example/')).toBe('https://git.acme.example/api/v3');
});
