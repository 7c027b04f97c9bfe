import type { StoreCore } from './core.ts';

interface Place {
  pull_request_id: string;
  user_id: string;
  organization_id: string;
  path: string;
}

/** What reviewers have read of pull requests. */
export function viewedFilesStore(core: StoreCore) {
  return {
    of: (pullRequestId: string, userId: string) =>
      core.read((db) =>
        db.viewedFile.findMany({
          where: { pull_request_id: pullRequestId, user_id: userId },
          select: { path: true, head_sha: true },
        }),
      ),
    /** @param headSha the commit up to which the file was read; undefined: it was not. */
    mark: ({ pull_request_id, user_id, organization_id, path }: Place, headSha: string | undefined): Promise<void> =>
      core.change(async (tx) => {
        const key = { pull_request_id, user_id, path };
        if (headSha === undefined) {
          await tx.viewedFile.deleteMany({ where: key });
          return;
        }
        const seen = { head_sha: headSha, viewed_at: new Date() };
        await tx.viewedFile.upsert({
          where: { pull_request_id_user_id_path: key },
          create: { ...key, organization_id, ...seen },
          update: seen,
        });
      }),
  };
}
