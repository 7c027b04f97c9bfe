import { sealedTables } from '#prisma/store/sealed.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { SecretsPort } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';

export interface Rotation {
  /** The key that everything is encrypted with now. */
  key_id: string;
  /** Texts that were encrypted with it now. */
  changed: number;
  /** Texts that no known key opens, by the id of their key. */
  unreadable: Record<string, number>;
}

/**
 * Encrypts every stored secret with the present key, batch by batch. It may be stopped and repeated, and servers that
 * know both keys go on meanwhile: a text that they change is left to them.
 */
export async function rotateSecrets(
  { sealed }: Pick<Store, 'sealed'>,
  secrets: SecretsPort,
  batch = 200,
): Promise<Rotation> {
  const rotation: Rotation = { key_id: secrets.key_id, changed: 0, unreadable: {} };
  for (const table of sealedTables) {
    let after: string | undefined;
    for (;;) {
      const rows = await sealed.ofOtherKeys(table, secrets.key_id, after, batch);
      if (rows.length === 0) break;
      after = rows.at(-1)?.id;
      const again = rows.flatMap((row) => {
        const text = opened(secrets, row);
        if (text !== undefined) return [{ id: row.id, was: row.sealed, ...secrets.seal(text, row.context) }];
        rotation.unreadable[row.key_id] = (rotation.unreadable[row.key_id] ?? 0) + 1;
        return [];
      });
      if (again.length > 0) rotation.changed += await sealed.replace(table, again);
    }
  }
  return rotation;
}

function opened(secrets: SecretsPort, row: { key_id: string; sealed: string; context: string }): string | undefined {
  try {
    return secrets.open(row, row.context);
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return undefined;
    throw error;
  }
}
