-- CreateTable
CREATE TABLE "run_patches" (
    "run_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "patch" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_patches_pkey" PRIMARY KEY ("run_id")
);

-- AddForeignKey
ALTER TABLE "run_patches" ADD CONSTRAINT "run_patches_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
