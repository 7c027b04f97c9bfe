import { findEnvironment } from '#activities/survey/find/index.ts';

export type Files = Record<string, string>;

export const find = (files: Files) =>
  findEnvironment({
    paths: Object.keys(files).sort(),
    read: (paths) =>
      Promise.resolve(new Map(paths.filter((path) => Object.hasOwn(files, path)).map((path) => [path, files[path]]))),
  });

/** The environment as lines: `[folder] kind`, then what is done there, in the order in which it is done. */
export async function found(files: Files): Promise<string[]> {
  const { roots } = await find(files);
  return roots.flatMap((root) => [
    `[${root.path || '.'}] ${root.kind}`,
    ...root.setup.map(({ command }) => `setup ${command}`),
    ...root.checks.map(({ purpose, command }) => `${purpose} ${command}`),
    ...root.missing.map(({ what }) => `missing ${what}`),
  ]);
}

export const json = (value: unknown): string => JSON.stringify(value, null, 2);
export const withTests = { 'tests/test_a.py': '' };
