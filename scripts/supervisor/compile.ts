/**
 * Compiles each program of the stack, and the command line, into few files: loading hundreds of sources takes longer than everything else that
 * a start does. A running application may still import the chunks that it started with, so they are kept for a day.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { rootDir } from '#activities/services/config.ts';
import { compiledDir, programs } from './programs.ts';

/** Sources find files beside them by `import.meta.dirname`. Every compiled file is three folders below the checkout. */
const keepFolders: Plugin = {
  name: 'keep-folders',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const folder = path.posix.join('../../..', path.relative(rootDir, path.dirname(file)));
      return {
        contents: text.replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/${folder}`)})`),
        loader: 'ts',
      };
    }),
};

const day = 86_400_000;

const { outputFiles, metafile } = await build({
  entryPoints: programs,
  outdir: path.join(rootDir, compiledDir),
  chunkNames: 'chunks/[name]-[hash]',
  absWorkingDir: rootDir,
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  write: false,
  metafile: true,
  plugins: [keepFolders],
});
/** Sources of a compiled file and of all chunks that it loads. */
function sourcesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const { inputs = {}, imports = [] } = metafile.outputs[file] ?? {};
  const loaded = imports.filter(({ external }) => !external).flatMap(({ path: chunk }) => sourcesOf(chunk, seen));
  return [...new Set([...Object.keys(inputs), ...loaded])];
}

const chunks = path.join(rootDir, compiledDir, 'chunks');
if (existsSync(chunks))
  for (const name of await readdir(chunks))
    if (Date.now() - (await stat(path.join(chunks, name))).mtimeMs > day) await rm(path.join(chunks, name));
// Chunks before the programs that import them.
for (const { path: file, contents } of outputFiles.sort(
  (a, b) => Number(b.path.startsWith(chunks)) - Number(a.path.startsWith(chunks)),
)) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.part`, contents);
  await rename(`${file}.part`, file);
}
// The command line starts without the supervisor, so it looks for itself whether a source is newer.
await writeFile(
  path.join(rootDir, compiledDir, 'cli/sources.json'),
  JSON.stringify(sourcesOf(`${compiledDir}/cli/main.js`)),
);
