-- CreateTable
CREATE TABLE "work_results" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "task_id" UUID,
    "run_id" UUID,
    "result_type" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "markdown" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "submitted_by" TEXT NOT NULL,
    "judged_by" TEXT,
    "feedback" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "judged_at" TIMESTAMPTZ(3),

    CONSTRAINT "work_results_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "work_results_ticket_id_created_at_idx" ON "work_results"("ticket_id", "created_at");

-- CreateIndex
CREATE INDEX "work_results_task_id_idx" ON "work_results"("task_id");

-- AddForeignKey
ALTER TABLE "work_results" ADD CONSTRAINT "work_results_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
