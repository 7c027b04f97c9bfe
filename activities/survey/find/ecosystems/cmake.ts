import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart } from '../ecosystem.ts';

/** CMake, where CI says that it builds the project. */
export const cmake: Ecosystem = {
  name: 'cmake',
  language: 'c',
  markers: /^CMakeLists\.txt$/,
  files: [],
  namedByCi: /\b(cmake|ctest)\b/,
  find(folder) {
    if (!folder.has('CMakeLists.txt')) return undefined;
    const part = emptyPart();
    const file = folder.file('CMakeLists.txt');
    const text = folder.text('CMakeLists.txt');
    const build = 'cmake -S . -B build && cmake --build build';
    const tests = /enable_testing|include\s*\(\s*CTest|add_test|catch_discover_tests|gtest_discover_tests/i;
    if (tests.test(text ?? '') || folder.find(/(^|\/)tests?\/CMakeLists\.txt$/, 1).length > 0)
      part.checks.push(
        check('test', `${build} && ctest --test-dir build --output-on-failure`, file, lineOf(text, tests)),
      );
    else part.checks.push(check('build', build, file, lineOf(text, /^\s*project\s*\(/i)));
    return part;
  },
  covers: (folder, below) => folder.has('CMakeLists.txt') && below !== '',
};
