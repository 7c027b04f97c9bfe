-- AlterTable
ALTER TABLE "cost_records" ADD COLUMN     "model_key_id" UUID;

-- AlterTable
ALTER TABLE "model_pauses" DROP CONSTRAINT "model_pauses_pkey",
ADD COLUMN     "model_key_id" TEXT NOT NULL DEFAULT '',
ADD CONSTRAINT "model_pauses_pkey" PRIMARY KEY ("organization_id", "provider", "model_key_id");

-- CreateTable
CREATE TABLE "model_keys" (
    "id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "base_url" TEXT,
    "model" TEXT,
    "config" JSONB NOT NULL DEFAULT '{}',
    "last_four" TEXT NOT NULL,
    "default_of" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "model_keys_default_of_key" ON "model_keys"("default_of");

-- AddForeignKey
ALTER TABLE "model_keys" ADD CONSTRAINT "model_keys_id_fkey" FOREIGN KEY ("id") REFERENCES "credentials"("id") ON DELETE CASCADE ON UPDATE CASCADE;
