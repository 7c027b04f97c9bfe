type MergeLevel = 'none' | 'low' | 'medium' | 'high' | 'very_high' | 'error';

export interface MergeScore {
  level: MergeLevel;
  /** Number of conflicts that Git reports; 999 when Git could not be asked, so that the source comes last. */
  conflicts: number;
  /** Files in conflict. */
  files: string[];
  /** Files that both sides changed, in conflict or not. */
  overlap: number;
}

/**
 * How hard it is to merge two commits, from Git's own trial merge (MERGE-07).
 * @param facts messages of the trial merge, paths in conflict, and the number of files that both sides changed.
 */
export function mergeScore(facts: { messages: string[]; conflicted: string[]; overlap: number }): MergeScore {
  const conflicts = facts.messages.filter((line) => line.includes('CONFLICT')).length || facts.conflicted.length;
  const files = [...new Set(facts.conflicted)];
  const level: MergeLevel =
    conflicts === 0
      ? 'none'
      : conflicts <= 3 && files.length <= 2 && facts.overlap <= files.length
        ? 'low'
        : conflicts <= 10 && facts.overlap <= Math.max(2, files.length)
          ? 'medium'
          : conflicts <= 25
            ? 'high'
            : 'very_high';
  return { level, conflicts, files, overlap: facts.overlap };
}

export const unmergeable: MergeScore = { level: 'error', conflicts: 999, files: [], overlap: 0 };
