import type { NewTicketCommit } from '#prisma/store/commits.ts';
import { namedRequirements } from '#workflows/domain/merge/named-tickets.ts';
import type { CommitDetails } from './repositories.ts';

export const commitMessage = ({ subject, body }: CommitDetails) => [subject, body].filter(Boolean).join('\n\n');

/** What the record of a ticket's commit keeps of the commit itself. */
export const commitFields = (commit: CommitDetails) =>
  ({
    sha: commit.sha,
    message: commitMessage(commit),
    author: commit.author,
    requirements: namedRequirements(commitMessage(commit)),
    files_changed: commit.files_changed,
    insertions: commit.insertions,
    deletions: commit.deletions,
    committed_at: new Date(commit.at),
  }) satisfies Partial<NewTicketCommit>;
