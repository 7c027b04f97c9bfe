import { writeSync } from 'node:fs';

/** Says how many tests passed and failed, as the last line whatever else still speaks while the run ends. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError).length;
    const line = `\n${results.numPassedTests} passed, ${results.numFailedTests + broken} failed\n`;
    process.on('exit', () => writeSync(1, line));
  }
}
