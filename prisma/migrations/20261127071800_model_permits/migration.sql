-- CreateTable
CREATE TABLE "model_permits" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "run_id" UUID,
    "owner" INTEGER NOT NULL,
    "process" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "asked_at" TIMESTAMPTZ(6) NOT NULL,
    "granted_at" TIMESTAMPTZ(3),
    "alive_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_permits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_permit_rounds" (
    "provider" TEXT NOT NULL,
    "round" INTEGER NOT NULL,

    CONSTRAINT "model_permit_rounds_pkey" PRIMARY KEY ("provider")
);

-- CreateIndex
CREATE INDEX "model_permits_provider_idx" ON "model_permits"("provider");
