-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "answered_at" TIMESTAMPTZ(3),
ADD COLUMN     "first_token_ms" INTEGER,
ADD COLUMN     "waited_ms" INTEGER;
