-- AlterTable
-- Nothing says who created an organization, so its owner counts.
ALTER TABLE "organizations" ADD COLUMN "created_by" UUID;
UPDATE "organizations" SET "created_by" = "owner_id";
ALTER TABLE "organizations" ALTER COLUMN "created_by" SET NOT NULL;

-- CreateIndex
CREATE INDEX "organizations_created_by_idx" ON "organizations"("created_by");
