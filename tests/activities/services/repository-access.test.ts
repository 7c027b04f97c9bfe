import { publicAddresses, rootsOf } from '#activities/services/repository-access.ts';

test.each([
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0.0.0.0',
  '10.0.0.5',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'fd00::1',
  'fe80::1',
])('the inner address %s is refused unless the operator allows it', async (host) => {
  await expect(publicAddresses(host, 80, [])).rejects.toMatchObject({
    code: 'outside_roots',
    message: expect.stringContaining('OMOIOS_OUTBOUND_ALLOW'),
  });
  await expect(publicAddresses(host, 80, [`${host}:81`, 'git.internal'])).rejects.toMatchObject({
    code: 'outside_roots',
  });
  for (const entry of [host, `${host}:80`, '*'])
    expect((await publicAddresses(host, 80, [entry]))?.length).toBe((await publicAddresses(host, 80, ['*']))?.length);
});

test('a network is allowed as a whole, and public addresses always are', async () => {
  expect(await publicAddresses('10.1.2.3', 443, ['10.1.0.0/16'])).toEqual(['10.1.2.3']);
  await expect(publicAddresses('10.2.2.3', 443, ['10.1.0.0/16'])).rejects.toMatchObject({ code: 'outside_roots' });
  expect(await publicAddresses('140.82.121.4', 443, [])).toEqual(['140.82.121.4']);
  expect(await publicAddresses('2606:50c0:8000::153', 443, [])).toEqual(['2606:50c0:8000::153']);
});

test('folders belong to the organization that they name', () => {
  const roots = ['acme=/srv/acme', '/srv/git/{organization}', '*=/srv/open', '/srv/all'];
  expect(rootsOf(roots, 'acme').roots).toEqual(['/srv/acme', '/srv/git/acme', '/srv/open', '/srv/all']);
  expect(rootsOf(roots, 'other').roots).toEqual(['/srv/git/other', '/srv/open', '/srv/all']);
});
