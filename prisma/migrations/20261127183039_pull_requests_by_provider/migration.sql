-- DropIndex
DROP INDEX "pull_requests_project_id_number_key";

-- CreateIndex
CREATE UNIQUE INDEX "pull_requests_project_id_provider_number_key" ON "pull_requests"("project_id", "provider", "number");
