import { codeHostProviders } from '#activities/adapters/code-host/index.ts';
import { embeddingsProviders } from '#activities/adapters/embeddings/index.ts';
import { modelProviders } from '#activities/adapters/model/index.ts';
import { sandboxProviders } from '#activities/adapters/sandbox/index.ts';
import type { CodeHostPort } from '#activities/ports/code-host.ts';
import { choices, loadConfig } from '#activities/services/config.ts';
import { createServices } from '#activities/services/index.ts';
import { FakeSandbox } from '#tests/support/fake-sandbox.ts';
import { shared } from '#tests/support/shared.ts';

/* Made-up providers, each one line in the table of its port. */
const closed: string[] = [];
sandboxProviders.paper = { embedded: false, create: async () => ({ port: new FakeSandbox() }) };
embeddingsProviders.paper = {
  embedded: false,
  create: async () => ({
    port: {
      provider: 'paper',
      model: 'paper:a4',
      semantic: true,
      embed: async (texts) => ({ vectors: texts.map(({ length }) => [length]), tokens: 0 }),
    },
    close: async () => void closed.push('embeddings'),
  }),
};
codeHostProviders.paper = {
  embedded: false,
  create: async ({ records }) => {
    const unused = () => Promise.reject(new Error('The paper host only finds.'));
    const port: CodeHostPort = {
      pushBranch: unused,
      openPullRequest: unused,
      readEvent: unused,
      readPullRequest: unused,
      readIssue: unused,
      answerIssue: unused,
      setDraft: unused,
      readMergeWait: unused,
      endMergeWait: unused,
      updatePullRequest: unused,
      closePullRequest: unused,
      readChecks: unused,
      readRemarks: unused,
      answerRemark: unused,
      mergePullRequest: unused,
      findPullRequest: (project, branch) => records.find(project.id, branch),
    };
    return { port };
  },
};
modelProviders.paper = {
  embedded: false,
  configured: ({ model }) => model.base_url === 'https://paper.example/',
  create: async ({ toolNames }) => ({
    port: {
      provider: 'paper',
      scripted: true,
      call: () => Promise.reject(new Error(`The paper model knows ${toolNames.length} tools.`)),
      refusal: ({ title }) => `Paper cannot do ${title}.`,
    },
  }),
};

const settings = {
  data_dir: shared.dataDir,
  env: 'test',
  temporal: { address: shared.temporalAddress },
  server: { log_level: 'error' },
};

test('providers that the settings name are created and used', async () => {
  const config = loadConfig(
    {
      ...settings,
      sandbox: { provider: 'paper' },
      code_host: { provider: 'paper' },
      embeddings: { provider: 'paper' },
      model: { provider: 'paper' },
    },
    {},
  );
  const services = await createServices(config, { migrate: false });
  try {
    const { sandbox, codeHost, embeddings, model } = services;
    expect([sandbox, embeddings, model].map((port) => port.provider)).toEqual(['fake', 'paper', 'paper']);
    expect(model.refusal?.({ kind: 'ticket', title: 'this', description: '' })).toBe('Paper cannot do this.');
    expect(await embeddings.embed(['one', 'three'], { organization_id: 'o', project_id: null })).toEqual([
      { vector: [3], by: 'paper:a4' },
      { vector: [5], by: 'paper:a4' },
    ]);
    expect(await sandbox.status('omoios-none')).toBe('absent');
    const project = { id: '0198c0de-0000-7000-8000-000000000000', organization_id: 'o', default_branch: 'main' };
    expect(await codeHost.findPullRequest({ ...project, path: '/nowhere' }, 'none')).toBeUndefined();
    await expect(model.call({ system: [], tools: [], messages: [] } as never)).rejects.toThrow(
      /^The paper model knows [1-9]\d* tools\.$/,
    );
  } finally {
    await services.close();
  }
  expect(closed).toEqual(['embeddings']);
});

test('the table says which provider is embedded, and which one its settings select', () => {
  const named = choices(loadConfig({ ...settings, sandbox: { provider: 'paper' } }, {}));
  expect(named.sandbox).toEqual({ provider: 'paper', embedded: false, setting: 'SANDBOX_PROVIDER' });
  expect(named.embeddings).toEqual({ provider: 'lexical', embedded: true, setting: 'EMBEDDING_PROVIDER' });
  expect(choices(loadConfig(settings, {})).model).toMatchObject({ provider: 'rehearsal', embedded: true });
});

test('a name that no line has is refused with the names there are', () => {
  expect(() => loadConfig({ ...settings, sandbox: { provider: 'glass' } }, {})).toThrow(
    /sandbox\.provider: must be one of local, daytona, docker, paper\./,
  );
});
