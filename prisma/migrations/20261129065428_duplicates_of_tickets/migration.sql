-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "duplicate_of" UUID,
ADD COLUMN     "merged_into" UUID;

-- CreateIndex
CREATE INDEX "tickets_duplicate_of_idx" ON "tickets"("duplicate_of");

-- CreateIndex
CREATE INDEX "tickets_merged_into_idx" ON "tickets"("merged_into");

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_duplicate_of_fkey" FOREIGN KEY ("duplicate_of") REFERENCES "tickets"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_merged_into_fkey" FOREIGN KEY ("merged_into") REFERENCES "tickets"("id") ON DELETE SET NULL ON UPDATE CASCADE;
