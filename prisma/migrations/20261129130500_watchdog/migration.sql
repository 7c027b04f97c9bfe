-- AlterTable
ALTER TABLE "watch_cycles" ADD COLUMN     "interval_seconds" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "watchdog_actions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID,
    "monitor" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "issue" TEXT,
    "policy" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "authority" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'started',
    "before" JSONB NOT NULL,
    "after" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "watchdog_actions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "watchdog_actions_organization_id_created_at_idx" ON "watchdog_actions"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "watchdog_actions_workflow_id_created_at_idx" ON "watchdog_actions"("workflow_id", "created_at");
