type MergeLevel = 'none' | 'low' | 'medium' | 'high' | 'very_high' | 'error';

export interface MergeScore {
  level: MergeLevel;
  /** Conflicts Git names; 999 when it could not be asked, which goes last. */
  conflicts: number;
  /** Files in conflict. */
  files: string[];
  /** Files that both sides changed, in conflict or not. */
  overlap: number;
}

/** MERGE-07: how hard two commits are to join, from Git's own trial merge. */
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
