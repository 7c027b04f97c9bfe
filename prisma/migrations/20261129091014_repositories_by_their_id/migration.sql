-- AlterTable
ALTER TABLE "connected_repositories" ADD COLUMN     "problem" TEXT,
ADD COLUMN     "repository_id" TEXT;

-- CreateIndex
CREATE INDEX "connected_repositories_repository_id_idx" ON "connected_repositories"("repository_id");

-- Two causes shared one column: why there is no webhook, and why the repository cannot be worked on.
UPDATE "connected_repositories" SET "problem" = "hook_problem", "hook_problem" = NULL
WHERE "hook_problem" IS NOT NULL AND ("installation_id" IS NOT NULL OR "hook_id" IS NOT NULL);
