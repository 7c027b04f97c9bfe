# One image for the server and the worker. The sandboxes of the workers need bubblewrap and git.
FROM node:22-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ca-certificates git openssl procps ripgrep util-linux \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
# Packages, database client, workflow bundle, pages. A set address says that the image needs no Temporal server of its own.
RUN TEMPORAL_ADDRESS=none:7233 node scripts/setup.mjs prepare
ENV OMOIOS_ENV=production OMOIOS_DATA_DIR=/data PORT=3000
VOLUME /data
EXPOSE 3000
CMD ["node", "--enable-source-maps", ".cache/programs/server/main.js"]
