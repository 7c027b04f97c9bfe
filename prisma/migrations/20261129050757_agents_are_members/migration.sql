-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "agent_id" UUID,
ALTER COLUMN "user_id" DROP NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "memberships_agent_id_key" ON "memberships"("agent_id");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A member is a person or a registered agent.
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_member" CHECK (("user_id" IS NULL) <> ("agent_id" IS NULL));
