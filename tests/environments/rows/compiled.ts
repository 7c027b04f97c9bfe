import type { Row } from '../row.ts';

const goMod = 'module example.org/lines\n\ngo 1.21\n\nrequire github.com/mitchellh/go-wordwrap v1.0.1\n';
const goSource = `package lines

import "github.com/mitchellh/go-wordwrap"

// Narrow breaks a text into short lines.
func Narrow(text string) string { return wordwrap.WrapString(text, 5) }
`;
export const goFiles = (folder: string): Record<string, string> => ({
  [`${folder}go.mod`]: goMod,
  [`${folder}lines.go`]: goSource,
  [`${folder}lines_test.go`]: `package lines

import "testing"

func TestNarrow(t *testing.T) {
	if Narrow("one two") != "one\\ntwo" {
		t.Fatal(Narrow("one two"))
	}
}
`,
});

export const compiled: Row[] = [
  {
    name: 'Go with a module, one test red',
    needs: ['go'],
    files: {
      ...goFiles(''),
      'red_test.go': 'package lines\n\nimport "testing"\n\nfunc TestRed(t *testing.T) { t.Fatal("not yet") }\n',
    },
    lock: [{ command: ['go', 'mod', 'tidy'] }],
    roots: [
      {
        path: '',
        kind: 'go',
        setup: ['go mod download', "go list -e -export -test -deps -f '' ./..."],
        checks: [
          { command: 'go test ./...', state: 'failed', tests: 2, failing: ['example.org/lines > TestRed'] },
          { command: 'go vet ./...', state: 'passed', tests: null },
        ],
      },
    ],
    edits: { 'more_test.go': 'package lines\n\nimport "testing"\n\nfunc TestMore(t *testing.T) {}\n' },
    command: "go test -run 'TestNarrow|TestMore' ./...",
  },
  {
    name: 'Rust with a crate, one test red',
    needs: ['cargo'],
    files: {
      '.gitignore': 'target/\n',
      'Cargo.toml':
        '[package]\nname = "numbers"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "=1.0.11"\n',
      'src/lib.rs': `pub fn text(n: i64) -> String {
    itoa::Buffer::new().format(n).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn writes() {
        assert_eq!(super::text(12), "12");
    }

    #[test]
    fn red() {
        assert_eq!(super::text(12), "13");
    }
}
`,
    },
    lock: [{ command: ['cargo', 'generate-lockfile'] }],
    roots: [
      {
        path: '',
        kind: 'cargo',
        setup: ['cargo fetch --locked', 'cargo test --no-run --offline --locked || true'],
        checks: [
          { command: 'cargo test --offline --locked', state: 'failed', tests: 2, failing: ['src/lib.rs > tests::red'] },
        ],
      },
    ],
    edits: { 'tests/more.rs': '#[test]\nfn more() {\n    assert_eq!(numbers::text(1), "1");\n}\n' },
    command: 'cargo test --offline --locked --test more',
  },
  {
    name: 'Java with Maven and JUnit 5, one test red',
    needs: ['mvn'],
    files: {
      '.gitignore': 'target/\n',
      '.mvn/jvm.config': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n',
      'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>sums</artifactId>
  <version>1.0.0</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.10.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.2.5</version>
      </plugin>
    </plugins>
  </build>
</project>
`,
      'src/main/java/org/example/Sums.java':
        'package org.example;\n\nfinal class Sums {\n  static int sum(int a, int b) {\n    return a + b;\n  }\n}\n',
      'src/test/java/org/example/SumsTest.java': `package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SumsTest {
  @Test
  void sums() {
    assertEquals(3, Sums.sum(1, 2));
  }

  @Test
  void red() {
    assertEquals(4, Sums.sum(1, 2));
  }
}
`,
    },
    roots: [
      {
        path: '',
        kind: 'maven',
        setup: ["mvn -B -q test '-Dtest=*#noSuchTest' -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false"],
        checks: [{ command: 'mvn -B -o test', state: 'failed', tests: 2, failing: ['org.example.SumsTest > red'] }],
      },
    ],
    edits: {
      'src/test/java/org/example/MoreTest.java':
        'package org.example;\n\nimport org.junit.jupiter.api.Test;\n\nclass MoreTest {\n  @Test\n  void more() {}\n}\n',
    },
    command: "mvn -B -q -o test -Dtest='MoreTest,SumsTest#sums'",
  },
  {
    name: 'C with a Makefile, one test red',
    needs: ['make', 'cc'],
    files: {
      '.gitignore': 'build/\n',
      Makefile:
        'CFLAGS = -Wall\n\n.PHONY: test\ntest: build/tests\n\t./build/tests\n\nbuild/tests: sum.c tests.c\n\tmkdir -p build\n\t$(CC) $(CFLAGS) -o $@ $^\n',
      'sum.c': 'int sum(int a, int b) { return a + b; }\n',
      'tests.c': `#include <stdio.h>

int sum(int a, int b);

static int failed;

static void check(int n, int ok, const char *name) {
  printf("%sok %d - %s\\n", ok ? "" : "not ", n, name);
  failed |= !ok;
}

int main(void) {
  printf("TAP version 13\\n1..2\\n");
  check(1, sum(1, 2) == 3, "sums");
  check(2, sum(1, 2) == 4, "is red");
  return failed;
}
`,
    },
    roots: [
      {
        path: '',
        kind: 'make',
        setup: [],
        checks: [{ command: 'make test', state: 'failed', tests: 2, failing: ['is red'] }],
      },
    ],
    edits: { 'product.c': 'int product(int a, int b) { return a * b; }\n' },
    command: 'mkdir -p build && cc -Wall -c -o build/product.o product.c',
  },
];
