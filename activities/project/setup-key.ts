import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type { Services } from '../ports/services.ts';

export interface SetupCommands {
  setup: string[];
  /** `setup`: these commands reach every public address, and no later one does. */
  network: 'none' | 'setup' | 'registries' | 'full';
}

/** Lock files, manifests and files of versions, in any folder. */
const manifests =
  /^(package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|bun\.lockb?|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.cjs|pyproject\.toml|uv\.lock|poetry\.lock|pdm\.lock|Pipfile(\.lock)?|setup\.(py|cfg)|(requirements|constraints).*\.(txt|in)|tox\.ini|go\.(mod|sum|work|work\.sum)|Cargo\.(toml|lock)|pom\.xml|.*\.gradle(\.kts)?|gradle\.properties|gradle-wrapper\.properties|gradle\.lockfile|.*\.versions\.toml|Gemfile(\.lock)?|.*\.gemspec|composer\.(json|lock)|.*\.(cs|fs)proj|packages\.lock\.json|global\.json|Directory\.Packages\.props|NuGet\.config|mix\.(exs|lock)|Makefile|justfile|\.tool-versions|mise\.toml|\.mise\.toml|\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.java-version|rust-toolchain(\.toml)?|devcontainer\.json)$/;

/** Commands that only install what manifests name. Any other command may read each file of the project. */
const installing =
  /^(npm (ci|i|install)|pnpm (i|install|fetch)|yarn( install)?|bun (i|install)|corepack|uv (sync|venv|pip|lock)|(\S*python3?|py) -m (pip|venv|uv|poetry) |\S*pip3? install|poetry install|pdm (install|sync)|pipenv (install|sync)|go mod (download|vendor)|go list |cargo fetch|cargo test --no-run |true$|bundle (install|config)|composer install|dotnet restore|mise (install|trust)|cd |export |set -)/;
const harmlessScript = /^(husky|is-ci|lefthook|simple-git-hooks|patch-package|only-allow|npx only-allow|exit 0|true)\b/;
const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish'];

const packageSchema = z.object({ scripts: z.record(z.string(), z.unknown()).catch({}) }).catch({ scripts: {} });

/**
 * The key of a set-up: equal keys mean that the set-up leaves the same. It covers the commands and the files that they name,
 * manifests and lock files, the versions of the tools, and the provider. Where a command may read any file, it covers the whole tree.
 */
export async function setupKey(
  services: Pick<Services, 'repositories' | 'sandbox'>,
  subject: { sandbox_id: string; project_id: string; sha: string },
  commands: SetupCommands,
): Promise<string> {
  const { repositories, sandbox } = services;
  const { project_id: project, sha } = subject;
  const [{ paths }, tools] = await Promise.all([
    repositories.listFiles(project, sha),
    sandbox.tools(subject.sandbox_id),
  ]);
  const all = new Set(paths);
  const parts = commands.setup.flatMap((command) => command.split(/&&|\|\||;|\n/)).map((part) => part.trim());
  const namedIn = (part: string) =>
    part
      .split(/[\s"'=()<>|&]+/)
      .map((word) => path.posix.normalize(word))
      .filter((word) => all.has(word));
  const covering = new Set([
    ...paths.filter((file) => manifests.test(path.posix.basename(file))),
    ...parts.flatMap(namedIn),
  ]);
  const texts = await repositories.readFiles(project, sha, [...covering].sort());
  const readsAny =
    parts.some((part) => part && !installing.test(part) && namedIn(part).length === 0) ||
    [...texts].some(([file, text]) => path.posix.basename(file) === 'package.json' && buildsOnInstall(text));
  const hash = createHash('sha256');
  hash.update(JSON.stringify([sandbox.provider, process.arch, commands.setup, commands.network, tools]));
  if (readsAny) hash.update(await repositories.treeOf(project, sha));
  for (const [file, text] of texts)
    hash.update(JSON.stringify([file, text ?? (await repositories.readFile(project, sha, file))?.toString('base64')]));
  return hash.digest('hex').slice(0, 40);
}

/** Whether npm runs a script of the package itself after an installation, such as a build of its sources. */
function buildsOnInstall(text: string | undefined): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return false;
  }
  const { scripts } = packageSchema.parse(value);
  return lifecycle.some((name) => {
    const script = scripts[name];
    return typeof script === 'string' && !harmlessScript.test(script);
  });
}
