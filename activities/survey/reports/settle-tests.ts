import type { TestResult } from '#workflows/domain/survey/test-result.ts';

export const maxTests = 20_000;
const maxIdLength = 500;

/** What differs between two runs of the same test: folders, temporary names and addresses in memory. */
function stableId(id: string, folder: string): string {
  const stable = id
    .replaceAll(`file://${folder}/`, '')
    .replaceAll(`${folder}/`, '')
    .replace(/\/(?:private\/)?(?:var\/)?tmp\/[^\s'")\]]+/g, '/tmp/*')
    .replace(/\b0x[0-9a-f]{6,}\b/gi, '0x*')
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed()
    .trim();
  return stable.length <= maxIdLength ? stable : `${stable.slice(0, maxIdLength).toWellFormed()}…`;
}

const order = { passed: 0, skipped: 1, failed: 2 };

/**
 * Results by ids that are the same in every run and each once. Tests of the same name are numbered, the failed ones
 * last: their order in a report may change from run to run, and their numbers must not.
 * @param folder absolute path of the root that the tests ran in.
 */
export function settleTests(results: TestResult[], folder: string): TestResult[] {
  const byId = new Map<string, TestResult['outcome'][]>();
  for (const { id, outcome } of results) {
    const stable = stableId(id, folder);
    byId.set(stable, [...(byId.get(stable) ?? []), outcome]);
  }
  const taken = new Set(byId.keys());
  const tests: TestResult[] = [];
  for (const [id, outcomes] of byId)
    outcomes
      .toSorted((a, b) => order[a] - order[b])
      .forEach((outcome, i) => {
        let own = id;
        for (let n = i + 1; i > 0 && taken.has(own); n += 1) own = `${id} (${n})`;
        taken.add(own);
        tests.push({ id: own, outcome });
      });
  return tests.slice(0, maxTests);
}
