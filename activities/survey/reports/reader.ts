/** One test as a report names it. */
export interface TestResult {
  /** File and full name, as far as the report has them: `tests/test_a.py > TestA > test_b`. The same in every run. */
  id: string;
  outcome: 'passed' | 'failed' | 'skipped';
}

/** The facts about a root that a reader decides by. */
export interface RootFacts {
  /** Text of a file of the root; undefined when it does not exist. */
  file(name: string): string | undefined;
}

/** How a command is run so that its tests can be read. */
export interface InstrumentedCommand {
  command: string;
  env: Record<string, string>;
  /** Files that it writes: paths relative to the root with `*` and `**`, or absolute. Old ones are deleted first. */
  reports: string[];
}

/** Understands the report of one test runner. */
export interface ReportReader {
  name: string;
  /**
   * @param reportFile absolute path of a file that the command may write.
   * @returns undefined when the command does not run this reader's test runner.
   */
  instrument(command: string, root: RootFacts, reportFile: string): InstrumentedCommand | undefined;
  /**
   * @param output of the command, both streams.
   * @param reports text by path of the files that the command wrote.
   * @returns undefined when there is no report: the command ended before it ran a test.
   */
  read(output: string, reports: ReadonlyMap<string, string>): TestResult[] | undefined;
  /** The command that runs these tests alone; undefined when the runner cannot. */
  only?(command: string, ids: string[]): string | undefined;
}
