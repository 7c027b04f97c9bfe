import { lineOf } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noTests } from '../ecosystem.ts';

/**
 * Gradle loads what the tests need when they start. This script lets them start and leaves out each of them, so that
 * they run offline afterwards.
 */
const noTestsScript =
  "allprojects{tasks.withType(Test).configureEach{filter{setFailOnNoMatchingTests(false);includeTestsMatching('no.such.Test')}}}";
const scriptFile = '"${TMPDIR:-/tmp}/no-tests.gradle"';

const builds = ['settings.gradle', 'settings.gradle.kts', 'build.gradle', 'build.gradle.kts'];

export const gradle: Ecosystem = {
  name: 'gradle',
  language: 'jvm',
  markers: /^(settings|build)\.gradle(\.kts)?$/,
  files: ['gradlew', 'gradle/wrapper/gradle-wrapper.properties', 'gradle.properties'],
  find(folder) {
    const build = ['build.gradle', 'build.gradle.kts', ...builds].find((name) => folder.has(name));
    if (!build) return undefined;
    const part = emptyPart();
    const gradlew = folder.has('gradlew') ? './gradlew' : 'gradle';
    const file = folder.file(build);
    const line = lineOf(folder.text(build), /dependencies\s*\{|plugins\s*\{|include/);
    const tests = folder.find(/(^|\/)src\/\w*[tT]est\w*\/.+\.(java|kt|groovy|scala)$/, 1).length > 0;
    const command = tests
      ? `printf %s "${noTestsScript}" > ${scriptFile} && ${gradlew} --no-daemon -I ${scriptFile} test`
      : `${gradlew} --no-daemon assemble`;
    part.setup.push({ command, source: { file, line } });
    if (tests) part.checks.push(check('test', `${gradlew} --no-daemon --offline test`, file, line));
    else {
      part.missing.push(noTests('Add a test below src/test.'));
      part.checks.push(check('build', `${gradlew} --no-daemon --offline assemble`, file, line));
    }
    const all = folder.find(/(^|\/)build\.gradle(\.kts)?$/, 50).map((name) => folder.text(name) ?? '');
    if (all.some((text) => /com\.android\.(application|library)/.test(text)))
      part.missing.push({
        what: 'the Android SDK',
        remedy: `${file} builds for Android. Install the Android SDK on the worker and set ANDROID_HOME in the set-up commands of the project.`,
      });
    return part;
  },
  covers: (folder, below) =>
    ['settings.gradle', 'settings.gradle.kts'].some((name) => folder.has(name)) &&
    !['settings.gradle', 'settings.gradle.kts'].some((name) => folder.has(`${below}/${name}`)),
};
