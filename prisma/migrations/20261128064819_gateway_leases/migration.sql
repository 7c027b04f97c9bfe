-- AlterTable
ALTER TABLE "reservations" ADD COLUMN     "lease_until" TIMESTAMPTZ(3);
