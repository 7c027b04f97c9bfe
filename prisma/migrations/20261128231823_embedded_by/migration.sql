-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "embedded_by" TEXT;

-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "embedded_by" TEXT;

-- AlterTable
ALTER TABLE "tasks" DROP COLUMN "embedding";

-- AlterTable
ALTER TABLE "discoveries" ADD COLUMN     "embedded_by" TEXT;

-- CreateIndex
CREATE INDEX "specs_embedded_by_idx" ON "specs"("embedded_by");

-- CreateIndex
CREATE INDEX "tickets_embedded_by_idx" ON "tickets"("embedded_by");

-- CreateIndex
CREATE INDEX "discoveries_embedded_by_idx" ON "discoveries"("embedded_by");

-- CreateIndex
CREATE INDEX "task_memories_embedded_by_idx" ON "task_memories"("embedded_by");

-- CreateIndex
CREATE INDEX "playbook_entries_embedded_by_idx" ON "playbook_entries"("embedded_by");

-- Every vector so far was made of words.
UPDATE "specs" SET "embedded_by" = 'lexical' WHERE "embedding" IS NOT NULL;
UPDATE "tickets" SET "embedded_by" = 'lexical' WHERE "embedding" IS NOT NULL;
UPDATE "discoveries" SET "embedded_by" = 'lexical' WHERE "embedding" IS NOT NULL;
