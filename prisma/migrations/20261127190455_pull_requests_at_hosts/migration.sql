-- CreateIndex
CREATE INDEX "pull_requests_provider_number_idx" ON "pull_requests"("provider", "number");
