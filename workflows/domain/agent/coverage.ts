/** Where the total share of tested lines is in the output of a runner, in percent. */
const totals: RegExp[] = [
  // Istanbul's table of Jest, Vitest, c8 and nyc: statements, branches, functions, lines.
  /^All files\s*\|(?:\s*[\d.]+\s*\|){3}\s*([\d.]+)\s*\|/m,
  // Istanbul's summary, PHPUnit and SimpleCov.
  /^\s*(?:Lines|Line Coverage)\s*:\s*([\d.]+)\s*%/m,
  // Node's own runner: lines, branches, functions.
  /^\S+ all files\s*\|\s*([\d.]+)\s*\|/m,
  // coverage.py.
  /^TOTAL\s.*\s([\d.]+)%\s*$/m,
  // `go tool cover -func`.
  /^total:\s+\(statements\)\s+([\d.]+)%/m,
  // cargo-tarpaulin.
  /^([\d.]+)% coverage, \d+\/\d+ lines covered/m,
];
/** Each package of `go test -cover` has its own share, and their mean is not the total. */
const goPackage = /\bcoverage: ([\d.]+)% of statements/g;

/** The share of tested lines, in percent, that a check of the project has printed; undefined where none has. */
export function measuredCoverage(output: string): number | undefined {
  const packages = [...output.matchAll(goPackage)];
  const found = totals.map((pattern) => pattern.exec(output)?.[1]).find((text) => text !== undefined);
  const percent = Number(found ?? (packages.length === 1 ? packages[0]?.[1] : undefined));
  return percent >= 0 && percent <= 100 ? percent : undefined;
}
