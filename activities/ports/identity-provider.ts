/** A sign-in at a provider that has begun: what is needed to finish it, and only here. */
export interface BegunSignIn {
  /** 32 random bytes. The provider gives it back. */
  state: string;
  /** Of PKCE: proves that the same party begins and finishes. */
  verifier: string;
  /** Names the sign-in in the provider's signed answer. */
  nonce: string;
}

export interface ProviderProfile {
  /** The provider's lasting id of the person. */
  id: string;
  /** The name by which the person is known there. */
  login: string;
  /** An address that the provider has verified; null when there is none. */
  verified_email: string | null;
  full_name: string | null;
  avatar_url: string | null;
}

export interface ProviderTokens {
  access_token: string;
  refresh_token?: string;
  /** ISO time. */
  expires_at?: string;
  scope?: string;
}

/** A service that people have accounts at, and that tells who they are (OAuth 2 or OpenID Connect). */
export interface IdentityProvider {
  /** For people, such as GitHub. */
  title: string;
  /** Whether the tokens of a connected account serve its repositories; absent where the provider has none. */
  servesRepositories?(tokens: ProviderTokens): boolean;
  /**
   * @param connecting asks for what a connected account needs, which is more than a sign-in does.
   * @returns the provider's page to which the person goes. @throws IdentityProviderError
   */
  begin(redirectUri: string, connecting: boolean): Promise<BegunSignIn & { url: string }>;
  /** @param callback the address at which the person came back. @throws IdentityProviderError */
  finish(callback: URL, begun: BegunSignIn): Promise<{ profile: ProviderProfile; tokens: ProviderTokens }>;
  /**
   * Gives the next tokens for a refresh token, which is spent by it: also where the answer is lost.
   * @throws ConnectionEnded where the provider refuses it for good; IdentityProviderError for what passes.
   */
  refresh(refreshToken: string): Promise<ProviderTokens>;
}

/** A provider refused, or did not answer. The message has no secret. */
export class IdentityProviderError extends Error {}

/** The provider takes a refresh token no more: its owner connects again. */
export class ConnectionEnded extends IdentityProviderError {}
