import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { missing, Refusal } from './github-repositories.ts';
import { accountOf, type Account, type HostedRepository } from './github-wire.ts';

interface Given {
  api: string;
  url: string;
  repositories: Map<string, HostedRepository>;
  newId(): number;
  /** A token that may write to repositories. */
  token(login: string, repositories: string[], prefix: string): string;
  revoke(token: string): void;
}

const at = '2026-01-01T00:00:00Z';
const granted = { contents: 'write', pull_requests: 'write', metadata: 'read' };

/** An App at the played GitHub, with its key. */
export class PlayedApp {
  readonly id = '4242';
  readonly privateKey: string;
  private readonly publicKey;
  /** Numbers of installations, by the repositories that they include. */
  readonly installed = new Map<string, number>();
  private readonly suspended = new Set<number>();
  /** The tokens that were given, the newest last. */
  readonly tokens: { installation: number; token: string; repositories: string[] }[] = [];

  constructor(private readonly github: Given) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    // The form in which GitHub gives it.
    this.privateKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    this.publicKey = createPublicKey(privateKey);
  }

  /** A person installs the App for a repository. */
  install(fullName: string): void {
    this.installed.set(fullName, this.github.newId());
  }

  /** A person takes a repository from the App: its tokens for it end. */
  uninstall(fullName: string): void {
    const installation = this.installed.get(fullName);
    this.installed.delete(fullName);
    for (const one of this.tokens) if (one.installation === installation) this.github.revoke(one.token);
  }

  /** An owner suspends the installation of a repository, or takes that back. */
  suspend(fullName: string, on: boolean): void {
    const id = this.installed.get(fullName) ?? 0;
    if (on) this.suspended.add(id);
    else this.suspended.delete(id);
  }

  /** A person gives a repository to the installation that another has, by its name. */
  include(fullName: string, beside: string): void {
    this.installed.set(fullName, Number(this.installed.get(beside) ?? beside));
  }

  move(from: string, to: string): void {
    const id = this.installed.get(from);
    this.installed.delete(from);
    if (id) this.installed.set(to, id);
  }

  /** Answers what only an App may call; undefined for another call. */
  async answer(
    call: string,
    authorization: string,
    body: Record<string, unknown>,
  ): Promise<{ status: number; answer: object } | undefined> {
    const [, ofRepository] = /^GET \/api\/v3\/repos\/([^/]+\/[^/]+)\/installation$/.exec(call) ?? [];
    const [, code] = /^POST \/api\/v3\/app-manifests\/([^/]+)\/conversions$/.exec(call) ?? [];
    if (code) return { status: 201, answer: this.created() };
    const [, wanted] = /^POST \/api\/v3\/app\/installations\/(\d+)\/access_tokens$/.exec(call) ?? [];
    const [, itself] = /^GET \/api\/v3\/app\/installations\/(\d+)$/.exec(call) ?? [];
    if (!ofRepository && !wanted && !itself) return undefined;
    await this.requireSigned(authorization);
    if (itself) {
      const id = Number(itself);
      const [fullName] = [...this.installed].find(([, one]) => one === id) ?? [];
      if (!fullName) throw missing();
      const ofDeleted: Account = { id: 1, login: fullName.split('/')[0] ?? '', type: 'Organization' };
      const owner = this.github.repositories.get(fullName)?.owner ?? ofDeleted;
      return { status: 200, answer: this.installation(id, owner) };
    }
    if (ofRepository) {
      const id = this.installed.get(ofRepository);
      const repository = this.github.repositories.get(ofRepository);
      if (!id || !repository) throw missing();
      return { status: 200, answer: this.installation(id, repository.owner) };
    }
    const id = Number(wanted);
    const all = [...this.installed].flatMap(([fullName, installation]) => (installation === id ? [fullName] : []));
    if (all.length === 0) throw missing();
    if (this.suspended.has(id)) throw new Refusal(403, 'This installation has been suspended');
    const names = (body.repositories as string[] | undefined) ?? [];
    const ids = (body.repository_ids as number[] | undefined) ?? [];
    const chosen = all.filter((fullName) => {
      const repository = this.github.repositories.get(fullName);
      const isNamed = names.includes(fullName.split('/')[1] ?? '') || ids.includes(repository?.id ?? 0);
      return repository !== undefined && (isNamed || names.length + ids.length === 0);
    });
    if (chosen.length === 0) throw new Refusal(422, 'There is at least one repository that does not exist.');
    const token = this.github.token('omoios[bot]', chosen, 'ghs');
    this.tokens.push({ installation: id, token, repositories: chosen });
    const expires_at = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '');
    return { status: 201, answer: { token, expires_at, permissions: granted, repository_selection: 'selected' } };
  }

  /** What GitHub gives once for the code of a new App. */
  private created() {
    const { api, url } = this.github;
    const owner: Account = { id: 7, login: 'ada', type: 'User' };
    return {
      ...{ id: Number(this.id), slug: 'omoios', node_id: 'A_1', name: 'OmoiOS', description: null },
      ...{ owner: accountOf(api, url, owner), external_url: url, html_url: `${url}/apps/omoios` },
      ...{ created_at: at, updated_at: at, permissions: granted, events: ['push', 'pull_request'] },
      ...{ client_id: 'Iv1.client', client_secret: 'client-secret', webhook_secret: 'webhook-secret' },
      pem: this.privateKey,
    };
  }

  private async requireSigned(authorization: string): Promise<void> {
    const token = /^bearer (.+)$/i.exec(authorization)?.[1] ?? '';
    try {
      await jwtVerify(token, this.publicKey, { issuer: this.id, algorithms: ['RS256'] });
    } catch {
      throw new Refusal(401, 'A JSON web token could not be decoded');
    }
  }

  private installation(id: number, owner: Account) {
    const { api, url } = this.github;
    return {
      ...{ id, app_id: Number(this.id), app_slug: 'omoios', target_id: owner.id, target_type: owner.type },
      account: accountOf(api, url, owner),
      repository_selection: 'selected',
      access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
      repositories_url: `${api}/installation/repositories`,
      html_url: `${url}/settings/installations/${id}`,
      permissions: granted,
      events: ['push', 'pull_request'],
      ...{ created_at: at, updated_at: at, single_file_name: null, suspended_by: null },
      suspended_at: this.suspended.has(id) ? at : null,
    };
  }
}
