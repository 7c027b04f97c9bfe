-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "previous_jti" TEXT,
ADD COLUMN     "rotated_at" TIMESTAMPTZ(3);
