import { loadConfig } from '#activities/services/config.ts';
import { createApp } from '#activities/services/github-manifest.ts';
import { Github } from '#tests/support/github.ts';

test('the App is created by a page that only the one who began it can finish, and its settings start the server', async () => {
  const github = await Github.start();
  const config = loadConfig(
    { oauth: { github_url: github.url }, server: { public_url: 'https://omoios.example' } },
    {},
  );
  let address = '';
  const creating = createApp(config, {}, { organization: 'acme', opened: (url) => (address = url) });
  while (!address) await new Promise((resolve) => setTimeout(resolve, 10));
  const form = await (await fetch(address)).text();
  const [, action = ''] = /action="([^"]+)"/.exec(form) ?? [];
  const [, value = ''] = /value="([^"]+)"/.exec(form) ?? [];
  const manifest = JSON.parse(value.replaceAll('&quot;', '"')) as { redirect_url: string; hook_attributes: object };
  expect(action).toMatch(new RegExp(`^${github.url}/organizations/acme/settings/apps/new\\?state=[0-9a-f]{32}$`));
  expect(manifest).toMatchObject({
    redirect_url: `${address}/created`,
    hook_attributes: { url: 'https://omoios.example/api/v1/github/webhooks/github' },
    public: false,
    default_permissions: { contents: 'write', emails: 'read' },
  });
  expect((await fetch(`${address}/created?code=forged&state=other`)).status).toBe(404);
  const state = new URL(action).searchParams.get('state') ?? '';
  expect((await fetch(`${address}/created?code=abc&state=${state}`)).status).toBe(200);
  const { settings } = await creating;
  expect(github.calls).toEqual(['POST /api/v3/app-manifests/abc/conversions']);
  expect(loadConfig({}, settings).github).toMatchObject({
    app_id: github.app.id,
    app_private_key: github.app.privateKey.trim(),
    webhook_secret: 'webhook-secret',
  });
  await expect(fetch(address)).rejects.toThrow();
  github.close();
});

test.each([
  [{ GITHUB_APP_ID: '7' }, 'GITHUB_APP_PRIVATE_KEY: the GitHub App needs it.'],
  [
    { GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: 'no key', GITHUB_WEBHOOK_SECRET: 'signs' },
    'GITHUB_APP_PRIVATE_KEY: must be the PEM text',
  ],
])('an App with wrong settings %o does not start', (environment, problem) => {
  expect(() => loadConfig({}, environment)).toThrow(problem);
});
