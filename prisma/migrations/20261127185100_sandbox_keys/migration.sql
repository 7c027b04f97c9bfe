-- CreateTable
CREATE TABLE "sandbox_keys" (
    "run_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "sandbox_id" TEXT NOT NULL,
    "hashed_key" TEXT NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sandbox_keys_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sandbox_keys_hashed_key_key" ON "sandbox_keys"("hashed_key");

-- AddForeignKey
ALTER TABLE "sandbox_keys" ADD CONSTRAINT "sandbox_keys_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
