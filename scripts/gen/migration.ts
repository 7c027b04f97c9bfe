/**
 * `npm run gen:migration -- NAME`: writes prisma/migrations/<time>_NAME/migration.sql from what schema.prisma
 * adds to the recorded migrations. Works on a scratch database in memory, never on a live one: the engine
 * runs every migration where it diffs.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { diffToSchema } from '#prisma/migrator.ts';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Usage: npm run gen:migration -- name_in_lower_case');
  process.exit(2);
}

// What the diff cannot know: HNSW indexes and generated columns are written by hand and would be dropped.
const handWritten = /DROP INDEX "[a-z_]+_(embedding|search)_idx"|ALTER COLUMN "search" DROP DEFAULT/;

const folder = await mkdtemp(path.join(tmpdir(), 'omoios-gen-'));
const scratch = await openDatabase({ socketDir: folder });
try {
  const sql = (await diffToSchema(scratch.url))
    .split(/(?<=;)\n/)
    .filter((statement) => !handWritten.test(statement))
    .join('\n')
    .trim();
  if (!sql.includes(';')) {
    console.log('schema.prisma and the migrations agree: nothing to write.');
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const target = path.join('prisma/migrations', `${stamp}_${name}`);
    await mkdir(target, { recursive: true });
    await writeFile(path.join(target, 'migration.sql'), `${sql}\n`);
    console.log(`Wrote ${target}/migration.sql. Read it before you commit it.`);
  }
} finally {
  await scratch.close();
  await rm(folder, { recursive: true, force: true });
}
