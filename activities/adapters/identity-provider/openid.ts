import * as client from 'openid-client';
import { z } from 'zod';
import type { IdentityProvider } from '../../ports/identity-provider.ts';
import { codeFlow, insecure, timeout } from './begun.ts';

const claimsSchema = z.object({
  sub: z.string(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
  nickname: z.string().optional(),
  picture: z.string().optional(),
});

/** A provider with OpenID Connect: its signed token tells who the person is. Its addresses are read at the first use. */
export function openId({
  title,
  issuer,
  client_id: id,
  client_secret: secret,
  parameters,
}: {
  title: string;
  issuer: string;
  client_id: string;
  client_secret: string;
  parameters: Record<string, string>;
}): IdentityProvider {
  let found: Promise<client.Configuration> | undefined;
  const configuration = () =>
    (found ??= client
      .discovery(new URL(issuer), id, undefined, client.ClientSecretPost(secret), {
        execute: insecure(issuer),
        timeout,
      })
      .catch((error: unknown) => {
        found = undefined;
        throw error;
      }));
  return codeFlow(
    title,
    parameters,
    configuration,
    (answer) => {
      const claims = claimsSchema.parse(answer.claims());
      return Promise.resolve({
        id: claims.sub,
        login: claims.nickname ?? claims.email ?? claims.sub,
        verified_email: claims.email_verified ? (claims.email ?? null) : null,
        full_name: claims.name ?? null,
        avatar_url: claims.picture ?? null,
      });
    },
    { nonce: true },
  );
}
