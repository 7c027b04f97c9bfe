-- CreateIndex
CREATE INDEX "cost_records_task_id_idx" ON "cost_records"("task_id");

-- CreateIndex
CREATE INDEX "cost_records_spec_id_idx" ON "cost_records"("spec_id");
