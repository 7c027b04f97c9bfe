/**
 * `npm run gen:migration -- NAME`: writes prisma/migrations/<time>_NAME/migration.sql with the changes of schema.prisma
 * since the commit of the newest migration.
 */
import { execFileSync } from 'node:child_process';
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

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
const newest = git('log', '-1', '--format=%H', '--', 'prisma/migrations').trim();
const folder = await mkdtemp(path.join(tmpdir(), 'omoios-gen-'));
const scratch = await openDatabase({ socketDir: folder });
const sql = (await diffToSchema(git('show', `${newest}:prisma/schema.prisma`), scratch.url)).trim();
await scratch.close();
await rm(folder, { recursive: true, force: true });
if (!sql.includes(';')) {
  console.log('schema.prisma has not changed since the commit of the newest migration: nothing to write.');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const target = path.join('prisma/migrations', `${stamp}_${name}`);
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, 'migration.sql'), `${sql}\n`);
  console.log(`Wrote ${target}/migration.sql. Read it before you commit it.`);
}
