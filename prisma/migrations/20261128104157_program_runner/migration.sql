-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "request_hash" TEXT;

-- CreateTable
CREATE TABLE "session_entries" (
    "run_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_entries_pkey" PRIMARY KEY ("run_id","position")
);

-- AddForeignKey
ALTER TABLE "session_entries" ADD CONSTRAINT "session_entries_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
