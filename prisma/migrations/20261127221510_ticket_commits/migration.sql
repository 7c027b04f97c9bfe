-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "commits_seen_sha" TEXT;

-- CreateTable
CREATE TABLE "ticket_commits" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "task_id" UUID,
    "run_id" UUID,
    "sha" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "files_changed" INTEGER NOT NULL,
    "insertions" INTEGER NOT NULL,
    "deletions" INTEGER NOT NULL,
    "link_method" TEXT NOT NULL,
    "linked_by" TEXT NOT NULL,
    "committed_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ticket_commits_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ticket_commits_organization_id_sha_idx" ON "ticket_commits"("organization_id", "sha");

-- CreateIndex
CREATE INDEX "ticket_commits_run_id_idx" ON "ticket_commits"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_commits_ticket_id_sha_key" ON "ticket_commits"("ticket_id", "sha");

-- AddForeignKey
ALTER TABLE "ticket_commits" ADD CONSTRAINT "ticket_commits_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
