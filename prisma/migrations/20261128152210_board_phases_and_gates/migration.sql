-- CreateTable
CREATE TABLE "phases" (
    "project_id" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "definition" JSONB NOT NULL,
    "updated_by" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "phases_pkey" PRIMARY KEY ("project_id","id")
);

-- CreateTable
CREATE TABLE "phase_gate_artifacts" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "phase_id" TEXT NOT NULL,
    "artifact_type" TEXT NOT NULL,
    "artifact_path" TEXT,
    "artifact_content" JSONB NOT NULL,
    "submitted_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "phase_gate_artifacts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "phase_gate_results" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "phase_id" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL,
    "gate_status" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "blocking_reasons" TEXT[],
    "checklist" JSONB NOT NULL,
    "reason" TEXT,
    "decided_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "phase_gate_results_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "phase_gate_artifacts_ticket_id_created_at_idx" ON "phase_gate_artifacts"("ticket_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "phase_gate_results_ticket_id_phase_id_attempt_key" ON "phase_gate_results"("ticket_id", "phase_id", "attempt");

-- AddForeignKey
ALTER TABLE "phases" ADD CONSTRAINT "phases_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "phase_gate_artifacts" ADD CONSTRAINT "phase_gate_artifacts_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "phase_gate_results" ADD CONSTRAINT "phase_gate_results_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
