import { realpathSync } from 'node:fs';
import path from 'node:path';
import { readPackageSettings } from '#activities/adapters/sandbox/local/packages/index.ts';
import { put, scratchDir } from '#tests/ports/local/fixture.ts';

/** The settings of a home folder with these files. */
function settingsOf(
  files: Record<string, string>,
  environment: Record<string, string> = {},
  mode: 'auto' | 'none' = 'auto',
) {
  const { dir, remove } = scratchDir();
  const home = realpathSync(dir);
  put(home, files);
  try {
    const found = readPackageSettings({ HOME: home, ...environment }, mode);
    return { ...found, shown: found.shown.map((at) => path.relative(home, at)) };
  } finally {
    remove();
  }
}

const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe("the settings of the worker's package clients", () => {
  test('reach commands: registries, indexes and certificates', () => {
    const { env, files, shown, hosts, leftOut } = settingsOf(
      {
        '.npmrc':
          'registry=https://npm.example.test/\n@acme:registry=http://10.1.2.3:4873/\ncafile=~/ca.pem\nloglevel=silly\n',
        'ca.pem': certificate,
        '.config/pip/pip.conf':
          '[global]\nindex-url = https://pip.example.test/simple\nextra-index-url =\n  https://a.example.test\n  https://b.example.test\n',
        '.config/uv/uv.toml': '[[index]]\nname = "a"\nurl = "https://uv.example.test/simple"\ndefault = true\n',
        '.config/go/env': 'GOPROXY=https://go.example.test,direct\nGOFLAGS=-mod=mod\n',
        '.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+https://crates.example.test/index/"\n[build]\nrustc-wrapper = "evil"\n',
        '.m2/settings.xml':
          '<settings><mirrors><mirror><id>m</id><url>https://maven.example.test/m</url><mirrorOf>*</mirrorOf></mirror></mirrors></settings>',
      },
      { NODE_EXTRA_CA_CERTS: 'ca.pem', PIP_INDEX_URL: 'https://env.example.test/simple', SOME_OTHER: 'x' },
    );
    expect(files['.npmrc']).toMatch(
      /(^|\n)registry=https:\/\/npm\.example\.test\/\n@acme:registry=.*\ncafile=.*\/ca\.pem$/,
    );
    expect(files['.config/pip/pip.conf']).toContain(
      '\nindex-url = https://pip.example.test/simple\nextra-index-url = https://a.example.test\n  https://b.example.test\n',
    );
    expect(files['.config/uv/uv.toml']).toContain('url = "https://uv.example.test/simple"');
    expect(files['.cargo/config.toml']).toContain('sparse+https://crates.example.test/index/');
    expect(files['.cargo/config.toml']).not.toContain('evil');
    expect(files['.m2/settings.xml']).toContain('<url>https://maven.example.test/m</url><mirrorOf>*</mirrorOf>');
    expect(env).toMatchObject({
      GOPROXY: 'https://go.example.test,direct',
      PIP_INDEX_URL: 'https://env.example.test/simple',
    });
    expect(Object.keys(env)).not.toContain('SOME_OTHER');
    expect(shown).toEqual(['ca.pem']);
    expect(hosts).toEqual(
      expect.arrayContaining(['10.1.2.3:4873', 'crates.example.test:443', 'maven.example.test:443']),
    );
    expect(leftOut).toEqual([]);
  });

  test('leave out each credential and name it, without its value', () => {
    const found = settingsOf(
      {
        '.npmrc':
          'registry=https://npm.example.test/\n//npm.example.test/:_authToken=s3cret\n@b:registry=https://u:s3cret@b.example.test/\n@c:registry=https://c.example.test/?key=s3cret\n',
        '.config/pip/pip.conf': '[global]\nindex-url = https://u:s3cret@pip.example.test/simple\n',
        '.config/uv/uv.toml': 'index-url = "https://u:s3cret@uv.example.test/simple"\n',
        '.cargo/config.toml': '[registries.a]\nindex = "sparse+https://u:s3cret@a.example.test/"\ntoken = "s3cret"\n',
        '.cargo/credentials.toml': '[registries.a]\ntoken = "s3cret"\n',
        '.m2/settings.xml':
          '<settings><servers><server><id>a</id><password>s3cret</password></server></servers><mirrors><mirror><id>m</id><url>https://u:s3cret@m.example.test</url></mirror></mirrors></settings>',
        'key.pem': `${certificate}-----BEGIN PRIVATE KEY-----\ns3cret\n`,
      },
      {
        GOPROXY: 'https://u:s3cret@go.example.test,direct',
        NODE_EXTRA_CA_CERTS: 'key.pem',
        npm_config_registry: 'https://${NPM_S3CRET}@x.example.test',
        NPM_TOKEN: 's3cret',
        UV_INDEX_A_PASSWORD: 's3cret',
      },
    );
    const { proxy: _proxy, ...reaching } = found;
    expect(JSON.stringify(reaching)).not.toMatch(/s3cret/i);
    expect(found.shown).toEqual([]);
    expect(found.files['.npmrc']).toMatch(/(^|\n)registry=https:\/\/npm\.example\.test\/$/);
    for (const part of ['_authToken in', 'index-url in', 'GOPROXY', 'NODE_EXTRA_CA_CERTS', 'servers in', 'index in'])
      expect(found.leftOut).toContainEqual(expect.stringContaining(part));
  });

  test("keep the machine's proxy outside, with its password", () => {
    const found = settingsOf(
      { '.npmrc': 'proxy=http://other.example.test:1\n' },
      { HTTPS_PROXY: 'http://u:pw@proxy.example.test:8080', NO_PROXY: 'localhost,.corp.test' },
    );
    expect(found.proxy).toEqual({ url: 'http://u:pw@proxy.example.test:8080/', except: ['localhost', '.corp.test'] });
    expect(found.env).toEqual({});
    expect(JSON.stringify(found.files)).not.toContain('proxy');
  });

  test('stay outside when the operator says so', () => {
    const found = settingsOf({ '.npmrc': 'registry=https://npm.example.test/\n' }, { GOPROXY: 'off' }, 'none');
    expect(found).toMatchObject({ env: {}, files: {}, hosts: [] });
  });
});
