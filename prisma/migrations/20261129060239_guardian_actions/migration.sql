-- CreateTable
CREATE TABLE "guardian_actions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID,
    "kind" TEXT NOT NULL,
    "task_id" UUID,
    "reason" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "authority" INTEGER NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'started',
    "before" JSONB NOT NULL,
    "after" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reverted_at" TIMESTAMPTZ(3),
    "reverted_by" TEXT,

    CONSTRAINT "guardian_actions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "guardian_actions_organization_id_created_at_idx" ON "guardian_actions"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "guardian_actions_project_id_created_at_idx" ON "guardian_actions"("project_id", "created_at");
