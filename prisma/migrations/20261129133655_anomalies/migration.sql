-- AlterTable
ALTER TABLE "agents" ADD COLUMN     "anomaly" JSONB;

-- CreateTable
CREATE TABLE "agent_baselines" (
    "project_id" UUID NOT NULL,
    "agent_type" TEXT NOT NULL,
    "phase_id" TEXT NOT NULL,
    "samples" INTEGER NOT NULL DEFAULT 0,
    "task_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "task_variance" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "error_rate" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "cpu" DOUBLE PRECISION,
    "memory_mb" DOUBLE PRECISION,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_baselines_pkey" PRIMARY KEY ("project_id","agent_type","phase_id")
);

-- CreateTable
CREATE TABLE "monitor_anomalies" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "agent_id" UUID,
    "run_id" UUID,
    "metric" TEXT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "usual" DOUBLE PRECISION NOT NULL,
    "deviation" DOUBLE PRECISION NOT NULL,
    "severity" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,

    CONSTRAINT "monitor_anomalies_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "monitor_anomalies_organization_id_created_at_idx" ON "monitor_anomalies"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "monitor_anomalies_project_id_created_at_idx" ON "monitor_anomalies"("project_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "monitor_anomalies_metric_run_id_key" ON "monitor_anomalies"("metric", "run_id");
