import { Api } from './api.ts';
import { asPerson, type TestProfile } from './identity-providers.ts';
import { shared } from './shared.ts';

export const oauthAddress = (path: string) => `${shared.url}/api/v1/auth/oauth${path}`;

/** A browser as far as cookies go. */
export class Browser {
  readonly cookies = new Map<string, string>();

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { ...headers, cookie } });
    this.keep(response.headers);
    return response;
  }

  keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
  }

  /** Agrees at the provider. @returns the address to which it leads back, at this stack. */
  async agree(authUrl: string, profile: TestProfile): Promise<string> {
    const back = (await fetch(asPerson(authUrl, profile), { redirect: 'manual' })).headers.get('location') ?? '';
    const { pathname, search } = new URL(back);
    return `${shared.url}${pathname}${search}`;
  }

  async signIn(provider: string, profile: TestProfile, to = '/runs'): Promise<Response> {
    const begun = await this.get(oauthAddress(`/${provider}?to=${to}`));
    expect(begun.status).toBe(302);
    return this.get(await this.agree(begun.headers.get('location') ?? '', profile));
  }

  get me(): Promise<{ id: string; email: string; is_verified: boolean }> {
    return new Api(shared.url, this.cookies.get('omoios_access_token')).get('/auth/me');
  }

  /** Connects an account at a provider to a signed-in person. */
  async connect(on: Api, provider: string, profile: TestProfile): Promise<Response> {
    const path = `/auth/oauth/${provider}/connect`;
    const { body, headers } = await on.request<{ auth_url: string }>('POST', path, { to: '/runs' });
    this.keep(headers);
    return this.get(await this.agree(body.auth_url, profile));
  }
}
