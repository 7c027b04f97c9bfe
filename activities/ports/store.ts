/** The records. One implementation serves both databases, so its type is the port. */
export type { Store } from '#prisma/store/index.ts';
