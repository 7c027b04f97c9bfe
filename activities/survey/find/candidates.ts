import type { DraftRoot, Ecosystem } from './ecosystem.ts';
import { ecosystems } from './ecosystems/index.ts';
import { depthOf, type Folder, joinPath, type Paths, rankOf } from './folder.ts';

const maxCandidates = 300;

/** Folders in which an ecosystem may find something, the nearest to the top first, with their marker files. */
export function candidates(paths: Paths): Map<string, { rank: number; markers: string[] }> {
  const ranks = new Map<string, 0 | 1 | 2>();
  const found = new Map<string, { rank: number; markers: string[] }>();
  for (const name of paths.all) {
    const slash = name.lastIndexOf('/');
    const base = name.slice(slash + 1);
    if (!ecosystems.some(({ markers }) => markers.test(base))) continue;
    const folder = slash < 0 ? '' : name.slice(0, slash);
    const rank = ranks.get(folder) ?? rankOf(folder);
    ranks.set(folder, rank);
    if (rank === 2) continue;
    const known = found.get(folder) ?? { rank, markers: [] };
    known.markers.push(base);
    found.set(folder, known);
  }
  const sorted = [...found].sort(
    ([a, one], [b, other]) => one.rank - other.rank || depthOf(a) - depthOf(b) || (a < b ? -1 : 1),
  );
  return new Map(sorted.slice(0, maxCandidates));
}

/** Ecosystems of a folder, without those that a root above it covers. */
export function draftOf(folder: Folder, markers: string[], above: DraftRoot[], ci: string): DraftRoot | undefined {
  const covered = (ecosystem: Ecosystem) =>
    above.some(({ folder: root, parts }) => {
      if (folder.path === root.path || !folder.path.startsWith(joinPath(root.path, ''))) return false;
      const below = root.path === '' ? folder.path : folder.path.slice(root.path.length + 1);
      return parts.some(({ name, language }) => {
        const owner = ecosystems.find((one) => one.name === name);
        return language === ecosystem.language && owner?.covers?.(root, below);
      });
    });
  const parts: DraftRoot['parts'] = [];
  for (const ecosystem of ecosystems) {
    const { name, language } = ecosystem;
    if (!markers.some((marker) => ecosystem.markers.test(marker)) || parts.some((one) => one.language === language))
      continue;
    if (ecosystem.namedByCi && !ecosystem.namedByCi.test(ci)) continue;
    if (covered(ecosystem)) continue;
    const part = ecosystem.find(folder);
    if (!part) continue;
    if (ecosystem.fallback) {
      const tested = parts.some((one) => one.part.checks.some(({ purpose }) => purpose === 'test'));
      // A Makefile below another root is one of its parts.
      const inside = parts.length === 0 && above.length > 0 && folder.path !== '';
      if (tested || inside || part.checks.length === 0) continue;
      if (parts.length > 0) {
        part.checks = part.checks.filter(({ purpose }) => purpose === 'test');
        if (part.checks.length === 0) continue;
      }
    }
    parts.push({ name, language, part });
  }
  return parts.length > 0 ? { folder, parts } : undefined;
}
