import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { githubApi } from '../adapters/code-host/github-place.ts';
import { asking, githubClient } from '../adapters/code-host/github-client.ts';
import { proxyAgent, type ProxyVariables } from '../adapters/model/proxy.ts';
import { publicUrl } from './addresses.ts';
import type { Config } from './config.ts';

/** The settings of an App that was just created, by their names. Secret. */
export type AppSettings = Record<
  'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY' | 'GITHUB_WEBHOOK_SECRET' | 'GITHUB_CLIENT_ID' | 'GITHUB_CLIENT_SECRET',
  string
>;

/** GitHub keeps the code of a new App for an hour. */
const timeLimitMs = 3_600_000;

const permissions = {
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'read',
  actions: 'read',
  statuses: 'read',
  metadata: 'read',
  // Of the people who sign in by the App's client.
  emails: 'read',
};
const events = [
  ...['push', 'pull_request', 'pull_request_review', 'pull_request_review_comment', 'issue_comment', 'issues'],
  ...['check_run', 'check_suite', 'status', 'repository'],
];

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const page = (body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>GitHub App of OmoiOS</title><body>${body}</body></html>`;

/**
 * Serves a page on loopback that takes the operator's browser to GitHub with the description of an App, and waits until
 * GitHub leads back with its code, which is exchanged for the settings once.
 * @param organization its owner at GitHub; by default the account that is signed in there.
 * @param opened is told the page's address.
 * @throws AppError and RepositoryError of the exchange; Error after an hour.
 */
export async function createApp(
  config: Config,
  environment: ProxyVariables,
  { organization, opened }: { organization?: string; opened(url: string): void },
): Promise<{ settings: AppSettings; url: string }> {
  const web = config.oauth.github_url.replace(/\/$/, '');
  const client = githubClient(config.github.api_url ?? githubApi(web), undefined, proxyAgent(environment));
  const state = randomBytes(16).toString('hex');
  const owner = organization ? `/organizations/${encodeURIComponent(organization)}` : '';
  let found: (code: string) => void;
  const code = new Promise<string>((resolve) => (found = resolve));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const answer = (status: number, body: string) =>
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page(body));
    if (pathname === '/') return answer(200, form());
    const given = searchParams.get('code');
    if (pathname !== '/created' || !given || searchParams.get('state') !== state)
      return answer(404, '<p>This address belongs to no App that was begun here. Start the command again.</p>');
    answer(200, '<p>The App is created. Its settings are in the terminal.</p>');
    found(given);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function form(): string {
    const address = publicUrl(config);
    const manifest = {
      name: 'OmoiOS',
      url: address,
      hook_attributes: { url: `${address}/api/v1/github/webhooks/github`, active: true },
      redirect_url: `${here}/created`,
      callback_urls: [`${address}/api/v1/auth/oauth/github/callback`],
      public: false,
      default_permissions: permissions,
      default_events: events,
    };
    return `<p>GitHub asks for the name of the App and creates it.</p>
<form method="post" action="${escaped(`${web}${owner}/settings/apps/new?state=${state}`)}">
<input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest))}"><button autofocus>Go to GitHub</button></form>`;
  }

  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No App was created within an hour. Start again.')), timeLimitMs);
  });
  try {
    opened(here);
    const chosen = await Promise.race([code, late]);
    const { data } = await asking('the new App', () => client.rest.apps.createFromManifest({ code: chosen }));
    return {
      url: data.html_url,
      settings: {
        GITHUB_APP_ID: String(data.id),
        GITHUB_APP_PRIVATE_KEY: data.pem.trim().replaceAll('\n', '\\n'),
        GITHUB_WEBHOOK_SECRET: data.webhook_secret ?? '',
        GITHUB_CLIENT_ID: data.client_id,
        GITHUB_CLIENT_SECRET: data.client_secret,
      },
    };
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  }
}
