import type { Row } from '../row.ts';
import { attributes } from './attributes.ts';
import { branches } from './branches.ts';
import { encodings } from './encodings.ts';
import { formats } from './formats.ts';
import { names } from './names.ts';

/** The table of odd repositories. */
export const rows: Row[] = [...encodings, ...names, ...attributes, ...formats, ...branches];
