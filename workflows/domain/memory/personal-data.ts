/** Shapes of personal data, with what takes their place. Each is wider rather than narrower: a memory needs none of it. */
const shapes: readonly [RegExp, string][] = [
  [/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, '[e-mail]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, '[account]'],
  [/(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])/g, '[card]'],
  [/(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])/g, '[number]'],
  [/(?<![\w.-])\+\d{1,3}(?:[ .()/-]*\d){7,12}(?![\w-])/g, '[phone]'],
  [/(?<![\w.-])\(?0\d{1,4}\)?[ ./-]\d{3,}(?:[ ./-]?\d{2,}){1,3}(?![\w-])/g, '[phone]'],
  [/(?<![\w.-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/g, '[phone]'],
];

/** A text without addresses of e-mail, numbers of phones, cards and accounts. */
export const withoutPersonalData = (text: string): string =>
  shapes.reduce((clean, [shape, name]) => clean.replace(shape, name), text);
