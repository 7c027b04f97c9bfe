/** Patterns of common credentials, which may appear in output even if they are not the platform's own. */
const shapes = [
  /\bsk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20,}/g,
  /\bsk-[A-Za-z0-9]{40,}/g,
  /\b[sr]k_(?:live|test|agent)_[A-Za-z0-9_-]{20,}/g,
  /\bwhsec_[A-Za-z0-9+/=_-]{20,}/g,
  /\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{40,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
];

/** Removes the platform's own secrets, and texts that look like a credential, from a text. */
export function createRedactor(secrets: (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 8);
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, '[redacted]');
    for (const shape of shapes) clean = clean.replace(shape, '[redacted]');
    return clean;
  };
}
