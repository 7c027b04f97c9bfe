import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#workflows/domain/errors.ts';
import type { SecretsPort } from '../ports/secrets.ts';
import type { Config } from './config.ts';
import { installationSecret } from './secrets.ts';

const nonceBytes = 12;
const tagBytes = 16;

function keyOf(secret: string): { key: Buffer; id: string } {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'omoios credentials', 32));
  return { key, id: createHash('sha256').update(key).digest('hex').slice(0, 12) };
}

/**
 * AES-256-GCM. The context is authenticated, so a sealed text of one record is not valid in another one.
 * @param others secrets that texts may be encrypted with too.
 */
export function createSecretBox(secret: string, others: readonly string[] = []): SecretsPort {
  const { key, id: keyId } = keyOf(secret);
  const keys = new Map([secret, ...others].map(keyOf).map((one) => [one.id, one.key]));
  return {
    key_id: keyId,
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return { key_id: keyId, sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64') };
    },
    derive: (use) => Buffer.from(hkdfSync('sha256', secret, '', `omoios derived: ${use}`, 32)).toString('base64url'),
    open: ({ key_id, sealed }, context) => {
      const own = keys.get(key_id);
      if (!own)
        throw new AppError(
          'unavailable',
          `SECRETS_KEY: a stored credential was encrypted with another key (${key_id}). Add that key to SECRETS_OTHER_KEYS.`,
        );
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', own, bytes.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        const body = bytes.subarray(nonceBytes + tagBytes);
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
      } catch {
        throw new AppError('unavailable', 'A stored credential was altered and cannot be decrypted. Enter it again.');
      }
    },
  };
}

/** The secrets of this installation: by SECRETS_KEY; outside of production else by a key in the data folder. */
export function openSecretBox(config: Config): SecretsPort {
  const given = config.auth.secrets_key;
  if (given || config.env !== 'production')
    return createSecretBox(installationSecret(config.data_dir, 'secrets', given), config.auth.secrets_other_keys);
  const refuse = (): never => {
    throw new AppError(
      'invalid_rule',
      'SECRETS_KEY is not set, so production stores no credentials. Ask the operator to set it (openssl rand -hex 32).',
    );
  };
  return { key_id: '', seal: refuse, open: refuse, derive: () => undefined };
}
