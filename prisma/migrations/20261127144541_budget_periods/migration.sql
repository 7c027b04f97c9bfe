-- AlterTable
ALTER TABLE "budgets" ADD COLUMN     "night_at" TIMESTAMPTZ(3),
ADD COLUMN     "night_micros" INTEGER,
ADD COLUMN     "night_raised" TEXT,
ADD COLUMN     "period" TEXT,
ADD COLUMN     "raise_role" TEXT NOT NULL DEFAULT 'admin';
