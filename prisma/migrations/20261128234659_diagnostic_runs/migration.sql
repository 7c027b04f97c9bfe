-- CreateTable
CREATE TABLE "diagnostic_runs" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "task_id" UUID,
    "attempt" INTEGER,
    "trigger" TEXT NOT NULL,
    "triggered_by" TEXT,
    "status" TEXT NOT NULL DEFAULT 'running',
    "diagnosis" JSONB,
    "reason" TEXT,
    "tasks_created_ids" UUID[],
    "counted" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "diagnostic_runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "diagnostic_runs_ticket_id_created_at_idx" ON "diagnostic_runs"("ticket_id", "created_at");

-- CreateIndex
CREATE INDEX "diagnostic_runs_organization_id_created_at_idx" ON "diagnostic_runs"("organization_id", "created_at");

-- AddForeignKey
ALTER TABLE "diagnostic_runs" ADD CONSTRAINT "diagnostic_runs_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
