/** The states of a preview. `pending`: it waits for the agent's own server. */
export const previewStatuses = ['pending', 'starting', 'ready', 'stopped', 'failed'] as const;
export type PreviewStatus = (typeof previewStatuses)[number];

export const isActivePreview = (status: string): boolean => ['pending', 'starting', 'ready'].includes(status);

/** "next" alone is an everyday word, so the framework needs its ending. */
const words = [
  ...['react', 'vue', 'next\\.?js', 'nuxt', 'vite', 'svelte', 'sveltekit', 'angular', 'astro', 'remix', 'solidjs'],
  ...['web', 'website', 'webpage', 'ui', 'ux', 'frontend', 'front-end', 'html', 'css', 'tailwind', 'landing page'],
];
const frontEnd = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'i');

/** Whether a task is about a front end: by whole words, so that "build" is none. */
export const isFrontEnd = (text: string): boolean => frontEnd.test(text);

/** The lock files that tell a package manager. The first that is there decides. */
const managers = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' };

/**
 * The command that starts a project's dev server.
 * @param files names in the folder. @param packageJson the text of its package.json.
 * @returns undefined where there is no script for it.
 */
export function devCommand(files: readonly string[], packageJson: string, port: number): string | undefined {
  let scripts: Record<string, unknown> = {};
  try {
    scripts = { ...(JSON.parse(packageJson) as { scripts?: Record<string, unknown> }).scripts };
  } catch {
    return undefined;
  }
  const name = ['dev', 'start', 'serve', 'preview'].find((script) => typeof scripts[script] === 'string');
  if (!name) return undefined;
  const [, manager] = Object.entries(managers).find(([lock]) => files.includes(lock)) ?? [];
  const run = `${manager ?? 'npm'} run ${name}`;
  // Vite and its kin read no PORT.
  const flags = /\b(vite|astro)\b/.test(String(scripts[name])) ? `--port ${port} --host 127.0.0.1` : '';
  return flags ? `${run} ${manager && manager !== 'bun' ? '' : '-- '}${flags}` : run;
}
