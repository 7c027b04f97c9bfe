-- CreateTable
CREATE TABLE "quality_metrics" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "metric_type" TEXT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quality_metrics_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "quality_metrics_task_id_created_at_idx" ON "quality_metrics"("task_id", "created_at");

-- CreateIndex
CREATE INDEX "quality_metrics_project_id_metric_type_created_at_idx" ON "quality_metrics"("project_id", "metric_type", "created_at");
