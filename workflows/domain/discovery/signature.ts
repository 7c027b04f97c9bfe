/**
 * Signature of a failure: its text without the parts that differ each time, such as addresses, paths, hashes, numbers
 * and punctuation. Two texts with the same signature report the same failure. Empty when nothing else remains.
 */
export const failureSignature = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\b[a-z][a-z+.-]*:\/\/\S+/g, ' ')
    .replace(/(?:\b[a-z]:)?[\w.~@+-]*(?:[\\/][\w.~@+-]+)+/g, ' ')
    .replace(/\b[\w-]+(?:\.[\w-]+)+:\d+(?::\d+)?/g, ' ')
    .replace(/\b(?:0x)?(?=[a-f]*\d)[\da-f]{7,}\b|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, ' ')
    .replace(/\d+/g, ' ')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
