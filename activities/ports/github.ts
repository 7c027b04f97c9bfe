/** GitHub for people: which repositories there are for a connected account, and what is done in its name. */
export interface GithubPort {
  /** Whether the installation's own token serves the repositories of an organization. */
  serves(slug: string): boolean;
}
