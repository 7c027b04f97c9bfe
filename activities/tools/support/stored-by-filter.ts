/** The filter that has stored a file, by how its content begins; undefined for a plain file. */
export function storingFilter(bytes: Buffer): 'lfs' | 'git-crypt' | undefined {
  if (bytes.length < 1024 && bytes.toString('latin1').startsWith('version https://git-lfs.github.com/spec/'))
    return 'lfs';
  return bytes.subarray(0, 10).equals(Buffer.from('\0GITCRYPT\0')) ? 'git-crypt' : undefined;
}

/** Why a change of a file under a filter is not committed, and what to do. */
export const filterRefusal = (path: string, filter: string): string =>
  `${path} is under the filter "${filter}", which is not installed here: changed content would be stored without it. Put the file back as it was (git checkout -- '${path}'; delete it if it is new), or use ask_user so that a person changes it.`;
