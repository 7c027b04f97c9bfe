import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '#workflows/domain/errors.ts';
import type { SecretsPort } from '../ports/secrets.ts';
import type { Config } from './config.ts';
import { installationSecret } from './secrets.ts';

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM. The context is authenticated, so a sealed text of one record is not valid in another one. */
export function createSecretBox(secret: string): SecretsPort {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'omoios credentials', 32));
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return {
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return { key_id: keyId, sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64') };
    },
    open: ({ key_id, sealed }, context) => {
      if (key_id !== keyId)
        throw new AppError(
          'unavailable',
          `SECRETS_KEY: a stored credential was encrypted with another key (${key_id}). Set that key again.`,
        );
      const bytes = Buffer.from(sealed, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
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
    return createSecretBox(installationSecret(config.data_dir, 'secrets', given));
  const refuse = (): never => {
    throw new AppError(
      'invalid_rule',
      'SECRETS_KEY is not set, so production stores no credentials. Ask the operator to set it (openssl rand -hex 32).',
    );
  };
  return { seal: refuse, open: refuse };
}
