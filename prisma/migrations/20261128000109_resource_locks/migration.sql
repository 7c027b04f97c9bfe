-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "lock_count" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "resource_locks" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "fence" INTEGER NOT NULL,
    "locked_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resource_locks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "resource_locks_task_id_idx" ON "resource_locks"("task_id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_locks_project_id_resource_type_resource_id_task_id_key" ON "resource_locks"("project_id", "resource_type", "resource_id", "task_id");

-- AddForeignKey
ALTER TABLE "resource_locks" ADD CONSTRAINT "resource_locks_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "tasks"("id") ON DELETE CASCADE ON UPDATE CASCADE;
