import { lineOf, parseXml } from '../documents.ts';
import { check, type Ecosystem, emptyPart, noTests, unreadable } from '../ecosystem.ts';

/**
 * The plugins of Maven choose what they load while they run, so only a run of the tests loads everything that they need
 * offline. Every class fits, so that the test engine is loaded; no method does, so that no test runs.
 */
const noSuchTest = "'-Dtest=*#noSuchTest' -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false";

export const maven: Ecosystem = {
  name: 'maven',
  language: 'jvm',
  markers: /^pom\.xml$/,
  files: ['mvnw', '.mvn/wrapper/maven-wrapper.properties'],
  find(folder) {
    if (!folder.has('pom.xml')) return undefined;
    const text = folder.text('pom.xml');
    if (parseXml(text) === undefined || !/<project[\s/>]/.test(text ?? '')) return unreadable(folder, 'pom.xml', 'XML');
    const part = emptyPart();
    const mvn = folder.has('mvnw') ? './mvnw' : 'mvn';
    const file = folder.file('pom.xml');
    const line = lineOf(text, /<(modules|dependencies|artifactId)>/);
    const tests = folder.find(/(^|\/)src\/test\/.+\.(java|kt|groovy|scala)$/, 1).length > 0;
    const source = { file, line };
    part.setup.push({ command: `${mvn} -B -q ${tests ? `test ${noSuchTest}` : 'test-compile'}`, source });
    if (tests) part.checks.push(check('test', `${mvn} -B -o test`, file, line));
    else {
      part.missing.push(noTests('Add a test below src/test/java.'));
      part.checks.push(check('build', `${mvn} -B -o test-compile`, file, line));
    }
    return part;
  },
  // A module names its parent, and the parent builds it.
  covers: (folder, below) => folder.has('pom.xml') && /<modules>/.test(folder.text('pom.xml') ?? '') && below !== '',
};
