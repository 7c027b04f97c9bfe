-- CreateTable
CREATE TABLE "user_onboarding" (
    "user_id" UUID NOT NULL,
    "current_step" TEXT NOT NULL DEFAULT 'welcome',
    "completed_steps" TEXT[],
    "data" JSONB NOT NULL DEFAULT '{}',
    "sync_version" INTEGER NOT NULL DEFAULT 1,
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_onboarding_pkey" PRIMARY KEY ("user_id")
);
