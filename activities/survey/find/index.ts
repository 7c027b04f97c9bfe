import path from 'node:path';
import type { FoundEnvironment, FoundRoot } from '#workflows/domain/survey/environment.ts';
import { addListed, inOrder } from './add-listed.ts';
import { ciFile, ciLines } from './commands/ci-lines.ts';
import { instructionFile, instructionLines } from './commands/instruction-lines.ts';
import { candidates, draftOf } from './candidates.ts';
import { type DraftRoot, emptyPart, isNoTests, isUnreadable } from './ecosystem.ts';
import { ecosystems } from './ecosystems/index.ts';
import { joinPath, openFolder, Paths, type Tree } from './folder.ts';
import { composeFiles, neededServices, privateRegistries, registryNames } from './missing-services.ts';
import { isRequirementFile } from './python-project.ts';
import { toolVersions, versionFiles } from './tool-versions.ts';

const maxRoots = 20;
const maxCiFiles = 30;
/** Lock files are long, and only that they exist counts. */
const unread =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb?|uv\.lock|poetry\.lock|Cargo\.lock|go\.(work\.)?sum|composer\.lock|packages\.lock\.json|gradlew|mvnw)$|proj$|\.slnx?$/;

const shared = [...versionFiles, ...registryNames, ...composeFiles];
const everyName = [...new Set([...ecosystems.flatMap(({ files }) => files), ...shared])];
const markerNames = [
  ...['package.json', 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'go.mod', 'go.work', 'Cargo.toml'],
  ...['pom.xml', 'build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts', 'Gemfile', 'gems.rb'],
  ...['composer.json', 'CMakeLists.txt', 'configure.ac', 'Makefile', 'makefile', 'GNUmakefile', 'justfile', 'Justfile'],
];
const topCiFiles = ['.gitlab-ci.yml', '.circleci/config.yml', 'azure-pipelines.yml'];
const topInstructions = ['AGENTS.md', 'CLAUDE.md', 'CONTRIBUTING.md'];

const checksOf = (root: DraftRoot) => root.parts.flatMap(({ part }) => part.checks);
const missingOf = (root: DraftRoot) => root.parts.flatMap(({ part }) => part.missing);

function finish(root: DraftRoot): FoundRoot {
  const parts = root.parts.map(({ part }) => part);
  const checks = inOrder(checksOf(root));
  // One ecosystem may have tests where another one, or CI, has none.
  const tested = checks.some(({ purpose }) => purpose === 'test');
  return {
    path: root.folder.path,
    kind: root.parts.map(({ name }) => name).join('+'),
    setup: parts.flatMap(({ setup }) => setup),
    checks,
    tools: toolVersions(root.folder),
    missing: [...missingOf(root).filter((one) => !tested || !isNoTests(one)), ...privateRegistries(root.folder)],
  };
}

/** Finds set-up and checks in the files of a commit. Strangers wrote them: no content makes it throw. */
export async function findEnvironment(tree: Tree): Promise<FoundEnvironment> {
  const paths = new Paths(tree.paths);
  const folders = candidates(paths);
  const ciFiles = paths.all.filter((name) => ciFile.test(name)).slice(0, maxCiFiles);
  const instructions = paths.all.filter((name) => instructionFile.test(name)).slice(0, 10);
  const requirementFiles = paths.all
    .filter((name) => /(^|\/)(requirements\/[^/]+|[^/]*requirements[^/]*)\.txt$/.test(name))
    .filter((name) => [...folders.keys()].some((folder) => isRequirementFile(path.posix.relative(folder, name))));
  const wanted = [...folders].flatMap(([folder, { markers }]) =>
    [...everyName, ...markers].map((name) => joinPath(folder, name)).filter((name) => paths.has(name)),
  );
  const all = new Set([...ciFiles, ...instructions, ...wanted, ...requirementFiles.slice(0, 100)]);
  const texts = await tree.read([...all].filter((name) => !unread.test(name)));
  const ciTexts = ciFiles.map((file): [string, string] => [file, texts.get(file) ?? '']);
  const ci = ciTexts.map(([, text]) => text.slice(0, 300_000)).join('\n');

  let roots: DraftRoot[] = [];
  for (const [folder, { rank, markers }] of folders) {
    if (roots.length >= maxRoots || (rank > 0 && roots.some((root) => checksOf(root).length > 0))) break;
    const draft = draftOf(openFolder(paths, texts, folder), markers, roots, ci);
    if (draft) roots.push(draft);
  }
  const lines = [
    ...ciTexts.flatMap(([file, text]) => ciLines(file, text)),
    ...instructions.flatMap((file) => instructionLines(file, texts.get(file) ?? '')),
  ];
  const shown = addListed(roots, lines);
  // A folder that checks nothing is part of the whole, unless it is all that there is.
  const useful = roots.filter((root) => checksOf(root).length > 0 || missingOf(root).some(isUnreadable));
  roots = useful.length > 0 ? useful : roots.slice(0, 1);
  const found = roots.map(finish);
  const top = openFolder(paths, texts, '');
  if (found.length === 0) found.push(nothing(toolVersions(top)));
  found[0]?.missing.push(...neededServices(top, ciTexts));
  const names = [...topCiFiles, ...topInstructions, ...everyName, ...markerNames];
  const absent = roots.flatMap((root) => {
    const kinds = new Set(root.parts.map(({ language }) => language));
    const ofKinds = ecosystems.filter(({ language }) => kinds.has(language)).flatMap(({ files }) => files);
    return [...ofKinds, ...versionFiles].map((name) => root.folder.file(name));
  });
  return { roots: found, shown, read: [...new Set([...all, ...names, ...absent])].sort() };
}

const nothing = (tools: FoundRoot['tools']): FoundRoot => ({
  ...emptyPart(),
  path: '',
  kind: 'unknown',
  tools,
  missing: [
    {
      what: 'commands for set-up and checks',
      remedy:
        'No file of the repository says how it is set up and tested. Name them in the project\'s settings "setup" and "checks".',
    },
  ],
});
