import path from 'node:path';
import { writeSync } from 'node:fs';

/**
 * Says for each folder of tests how many passed and failed and how long its files took together, then which files were
 * left out because time was up, and the sum as the last line, whatever else still speaks while the run ends.
 */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const folders = new Map();
    const late = [];
    for (const file of results.testResults) {
      const name = path.relative('.', file.testFilePath);
      if (file.perfStats.start > Number(process.env.NOT_AFTER ?? Infinity)) late.push(name);
      const [, folder = ''] = name.split(path.sep);
      const sum = folders.get(folder) ?? { passed: 0, failed: 0, seconds: 0 };
      sum.passed += file.numPassingTests;
      sum.failed += file.testExecError ? 1 : file.numFailingTests;
      sum.seconds += (file.perfStats.end - file.perfStats.start) / 1000;
      folders.set(folder, sum);
    }
    const sums = [...folders].map(
      ([folder, { passed, failed, seconds }]) =>
        `tests/${folder}: ${passed} passed, ${failed} failed, its files took ${seconds.toFixed(0)} s`,
    );
    const broken = results.testResults.filter((file) => file.testExecError).length;
    const count = `${results.numPassedTests} passed, ${results.numFailedTests + broken} failed`;
    const left = late.length > 0 ? [`left out, because time was up: ${late.join(' ')}`] : [];
    process.on('exit', () => writeSync(1, `\n${[...sums, ...left, count].join('\n')}\n`));
  }
}
