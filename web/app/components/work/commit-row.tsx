import { TextLink } from '../text-link.tsx';
import { Ago } from '../time.tsx';

export interface CommitLine {
  sha: string;
  subject: string;
  author: string;
  at: string;
}

/** A commit on one line; its id leads to what it changed. */
export const CommitRow = ({ commit, project }: { commit: CommitLine; project: string }) => (
  <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2">
    <TextLink to={`/commits/${commit.sha}?project_id=${project}`} className="figures text-xs">
      {commit.sha.slice(0, 8)}
    </TextLink>
    <span className="min-w-0 flex-1 basis-60 break-words">{commit.subject}</span>
    <span className="text-xs text-muted">{commit.author}</span>
    <Ago at={commit.at} className="text-xs text-muted" />
  </div>
);
