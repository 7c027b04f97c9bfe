export interface Folder<T> {
  /** Relative to the folder above; folders that hold nothing but one folder are one, such as `src/domain`. */
  name: string;
  folders: Folder<T>[];
  files: { name: string; file: T }[];
}

/** Files as a tree of folders, in the order in which they come. */
export function fileTree<T extends { path: string }>(files: readonly T[]): Folder<T> {
  const root: Folder<T> = { name: '', folders: [], files: [] };
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    let folder = root;
    for (const part of parts) {
      let next = folder.folders.find((one) => one.name === part);
      if (!next) folder.folders.push((next = { name: part, folders: [], files: [] }));
      folder = next;
    }
    folder.files.push({ name, file });
  }
  return { ...root, folders: root.folders.map(joined) };
}

function joined<T>(folder: Folder<T>): Folder<T> {
  const [only, ...others] = folder.folders;
  if (only && others.length === 0 && folder.files.length === 0)
    return joined({ ...only, name: `${folder.name}/${only.name}` });
  return { ...folder, folders: folder.folders.map(joined) };
}

/** The files of a tree as it is drawn: those of a folder's folders first. */
export const filesOf = <T>({ folders, files }: Folder<T>): T[] => [
  ...folders.flatMap(filesOf),
  ...files.map(({ file }) => file),
];

const weights = { high: 0, medium: 1, low: 2 };

/** The riskiest files first, those that a program made last. */
export const byRisk = <T extends { risk: { level: keyof typeof weights; mechanical: boolean } }>(
  files: readonly T[],
): T[] =>
  files.toSorted(
    ({ risk: a }, { risk: b }) => Number(a.mechanical) - Number(b.mechanical) || weights[a.level] - weights[b.level],
  );
