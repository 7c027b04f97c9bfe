-- CreateTable
CREATE TABLE "connected_repositories" (
    "project_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "full_name" TEXT NOT NULL,
    "connected_by" UUID,
    "credential_id" UUID NOT NULL,
    "hook_id" TEXT,
    "hook_problem" TEXT,
    "last_event" TEXT,
    "last_event_at" TIMESTAMPTZ(3),
    "synced_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connected_repositories_pkey" PRIMARY KEY ("project_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "connected_repositories_credential_id_key" ON "connected_repositories"("credential_id");

-- CreateIndex
CREATE INDEX "connected_repositories_full_name_idx" ON "connected_repositories"("full_name");

-- CreateIndex
CREATE INDEX "connected_repositories_organization_id_created_at_idx" ON "connected_repositories"("organization_id", "created_at");

-- AddForeignKey
ALTER TABLE "connected_repositories" ADD CONSTRAINT "connected_repositories_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connected_repositories" ADD CONSTRAINT "connected_repositories_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE CASCADE ON UPDATE CASCADE;
