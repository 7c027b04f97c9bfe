import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sealedTables } from '#prisma/store/sealed.ts';
import { loadConfig, rootDir } from '#activities/services/config.ts';
import { createSecretBox, openSecretBox } from '#activities/services/secret-box.ts';
import { splitUrl } from '#server/usecases/repository-address.ts';

const secret = 'a'.repeat(32);

describe('stored credentials', () => {
  test('are read with the same key and for the same record alone', () => {
    const box = createSecretBox(secret);
    const sealed = box.seal('ghp_secret', 'organization:record');
    expect(JSON.stringify(sealed)).not.toContain('ghp_secret');
    expect(box.seal('ghp_secret', 'organization:record').sealed).not.toBe(sealed.sealed);
    expect(createSecretBox(secret).open(sealed, 'organization:record')).toBe('ghp_secret');
    expect(() => box.open(sealed, 'organization:other')).toThrow('altered');
    const bytes = Buffer.from(sealed.sealed, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => box.open({ ...sealed, sealed: bytes.toString('base64') }, 'organization:record')).toThrow('altered');
    expect(() => createSecretBox('b'.repeat(32)).open(sealed, 'organization:record')).toThrow(
      `SECRETS_KEY: a stored credential was encrypted with another key (${sealed.key_id})`,
    );
  });

  test('are read with an older key too while it is listed, and every table that holds them is encrypted again', () => {
    const sealed = createSecretBox('b'.repeat(32)).seal('ghp_secret', 'organization:record');
    const both = createSecretBox(secret, ['b'.repeat(32)]);
    expect(both.open(sealed, 'organization:record')).toBe('ghp_secret');
    expect(both.seal('x', 'y').key_id).toBe(createSecretBox(secret).key_id);
    const schema = readFileSync(path.join(rootDir, 'prisma/schema.prisma'), 'utf8');
    const holding = schema
      .split(/^model /m)
      .filter((model) => /^\s+key_id /m.test(model))
      .map((model) => /@@map\("(\w+)"\)/.exec(model)?.[1]);
    expect(holding.sort()).toEqual([...sealedTables].sort());
  });

  test('are refused in production without SECRETS_KEY; elsewhere the data folder has a key that only its owner reads', () => {
    const data_dir = mkdtempSync(path.join(tmpdir(), 'omoios-secrets-'));
    const local = loadConfig({ data_dir }, {});
    const sealed = openSecretBox(local).seal('x', 'y');
    expect(openSecretBox(local).open(sealed, 'y')).toBe('x');
    expect(statSync(path.join(data_dir, 'secrets.secret')).mode & 0o777).toBe(0o600);
    const production = { data_dir, OMOIOS_ENV: 'production', ALLOW_EMBEDDED: '1', JWT_SECRET_KEY: secret };
    const settings = (more: object = {}) => loadConfig({ data_dir }, { ...production, ...more });
    expect(() => openSecretBox(settings()).seal('x', 'y')).toThrow('SECRETS_KEY is not set');
    expect(openSecretBox(settings({ SECRETS_KEY: secret })).seal('x', 'y').key_id).toHaveLength(12);
    expect(() => settings({ SECRETS_KEY: 'short' })).toThrow('SECRETS_KEY: production needs a secret');
    expect(() => settings({ OMOIOS_REPO_ROOTS: '/srv/git' })).toThrow('/srv/git names no organization');
    rmSync(data_dir, { recursive: true });
  });
});

test('a token is taken out of a URL, and a URL that could hide one elsewhere is refused', () => {
  expect(splitUrl('https://x:ghp_a%40b@github.com/a/b.git')).toEqual({
    url: 'https://github.com/a/b.git',
    signIn: { username: 'x', password: 'ghp_a@b' },
  });
  expect(splitUrl('https://ghp_a@github.com/a/b.git').signIn).toEqual({ username: 'ghp_a', password: '' });
  for (const url of ['https://github.com/a/b.git', 'git@github.com:a/b.git', 'ssh://git@github.com/a/b.git'])
    expect(splitUrl(url)).toEqual({ url });
  for (const url of [
    'https://github.com/a.git?private_token=x',
    'ssh://git:x@github.com/a',
    'git://a:b@c/d',
    'https://100%@github.com/a.git',
    'https://',
  ])
    expect(() => splitUrl(url)).toThrow('repository.url');
});
