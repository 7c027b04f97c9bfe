import { posix } from 'node:path';
import { ToolFailure } from './tool-failure.ts';

/**
 * Git pathspecs for a glob as models write it: `*.ts` at any depth, `src/**` from the folder on, `*.{ts,tsx}`.
 * `:(glob)` in front makes each one a pattern whatever characters it begins with.
 * @param root the workspace's absolute path, which the glob may begin with.
 * @throws ToolFailure for a glob that leads out of the folder, or has too many braces.
 */
export function globPathspecs(glob: string, root: string): string[] {
  if (glob.split('{').length > 7)
    throw new ToolFailure('failed', `The glob ${glob} has too many braces. Call again with a simpler one.`);
  const relative = glob.startsWith(`${root}/`) ? glob.slice(root.length + 1) : glob;
  return expandBraces(relative).map((pattern) => {
    const plain = posix.normalize(pattern).replace(/^\/+/, '');
    if (plain.split('/').includes('..'))
      throw new ToolFailure(
        'failed',
        `The glob ${glob} leads out of the folder. Call again with a glob below it, and the folder itself as path.`,
      );
    const anyDepth = plain.includes('/') ? plain : `**/${plain}`;
    return `:(glob)${anyDepth.endsWith('/') ? `${anyDepth}**` : anyDepth}`;
  });
}

/** `a.{ts,js}` as `a.ts`, `a.js`; Git knows no braces. */
function expandBraces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (!found) return [pattern];
  const [, before = '', options = '', after = ''] = found;
  return options.split(',').flatMap((option) => expandBraces(`${before}${option}${after}`));
}
