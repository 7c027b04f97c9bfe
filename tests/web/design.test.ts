import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

const folder = path.join(rootDir, 'web/app/components');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const sourcesIn = (of: string) =>
  readdirSync(path.join(folder, of)).flatMap((name) => (name.endsWith('.tsx') ? [path.posix.join(of, name)] : []));

/** Every part is shown in the development page of all parts; these have no look of their own. */
const invisible = ['PageError', 'TooltipProvider'];

/** Files that a page of parts draws with, by way of others. */
function reached(files: string[], seen = new Set<string>()): Set<string> {
  for (const file of files.filter((one) => !seen.has(one))) {
    seen.add(file);
    const imports = [...read(file).matchAll(/from '(\.[^']+\.tsx)'/g)];
    reached(
      imports.map(([, to = '']) => path.posix.join(path.posix.dirname(file), to)),
      seen,
    );
  }
  return seen;
}

test('the page of all parts shows each component of the parts of pages, of diffs and of graphs', () => {
  const design = sourcesIn('design');
  const text = design.map(read).join('\n');
  const components = sourcesIn('.').flatMap((file) =>
    [...read(file).matchAll(/^export (?:const|function) ([A-Z]\w+)/gm)].map(([, name = '']) => name),
  );
  expect(components.length).toBeGreaterThan(40);
  const missing = components.filter((name) => !invisible.includes(name) && !new RegExp(`<${name}[\\s/>]`).test(text));
  expect(missing).toEqual([]);
  const drawn = reached(design);
  // A comment on a line of a diff belongs to a review, and is drawn by the lines.
  expect(['diff', 'graph'].flatMap(sourcesIn).filter((file) => !drawn.has(file))).toEqual([]);
});
