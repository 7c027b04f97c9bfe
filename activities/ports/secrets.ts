/** An encrypted text, and the id of the key that encrypted it. */
interface Sealed {
  key_id: string;
  sealed: string;
}

/** Encrypts credentials for the database. */
export interface SecretsPort {
  /** The key that `seal` uses. */
  readonly key_id: string;
  /**
   * @param context names the record that holds the text. Under another context it cannot be decrypted.
   * @throws AppError('invalid_rule') in production without SECRETS_KEY.
   */
  seal(text: string, context: string): Sealed;
  /** @throws AppError('unavailable') when it was encrypted with another key, or altered. */
  open(sealed: Sealed, context: string): string;
  /**
   * A secret (43 characters) that follows from the name of its use: the same in every process, and not stored.
   * Undefined in production without SECRETS_KEY.
   */
  derive(use: string): string | undefined;
}

/** The context of an organization's or a user's credential. */
export const keyContext = (row: { id: string; organization_id: string | null; user_id: string | null }) =>
  `${row.organization_id ?? row.user_id}:${row.id}`;
