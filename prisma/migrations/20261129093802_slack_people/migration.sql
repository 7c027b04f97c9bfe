-- CreateTable
CREATE TABLE "slack_people" (
    "team_id" TEXT NOT NULL,
    "slack_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "slack_people_pkey" PRIMARY KEY ("team_id","slack_id")
);

-- CreateTable
CREATE TABLE "slack_codes" (
    "user_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "slack_codes_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "slack_people_user_id_idx" ON "slack_people"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "slack_codes_code_hash_key" ON "slack_codes"("code_hash");

-- AddForeignKey
ALTER TABLE "slack_people" ADD CONSTRAINT "slack_people_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "slack_codes" ADD CONSTRAINT "slack_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
