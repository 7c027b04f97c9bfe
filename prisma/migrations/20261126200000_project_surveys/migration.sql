-- CreateTable
CREATE TABLE "project_surveys" (
    "project_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "number" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'surveying',
    "step" TEXT NOT NULL DEFAULT '',
    "base_sha" TEXT,
    "fingerprint" TEXT,
    "known" BOOLEAN NOT NULL DEFAULT false,
    "roots" JSONB NOT NULL DEFAULT '[]',
    "shown" JSONB NOT NULL DEFAULT '[]',
    "tests" JSONB NOT NULL DEFAULT '{}',
    "error" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "project_surveys_pkey" PRIMARY KEY ("project_id")
);

-- CreateIndex
CREATE INDEX "project_surveys_organization_id_idx" ON "project_surveys"("organization_id");

-- AddForeignKey
ALTER TABLE "project_surveys" ADD CONSTRAINT "project_surveys_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
