/** One test as a report names it. */
export interface TestResult {
  /** File and full name, as far as the report has them: `tests/test_a.py > TestA > test_b`. The same in every run. */
  id: string;
  outcome: 'passed' | 'failed' | 'skipped';
}
