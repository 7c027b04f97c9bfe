-- AlterTable
ALTER TABLE "invoices" DROP COLUMN "discount";
