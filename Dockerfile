# One image for the server and the worker. The sandboxes of the workers need bubblewrap and git, and the tool chains of the
# projects' repositories. Debian's newest release, because manifests ask for new versions of Go and Java.
FROM node:22-trixie-slim
COPY scripts/worker-packages.txt /tmp/
RUN apt-get update \
  && grep -v '^#' /tmp/worker-packages.txt | xargs apt-get install -y --no-install-recommends \
  && rm -rf /var/lib/apt/lists/* /tmp/worker-packages.txt \
  && npm install --global @jdxcode/mise@2026.9.15 \
  && git --version && python3 --version && go version && java -version && mvn --version && cc --version && mise --version
WORKDIR /app
COPY . .
# Packages, database client, workflow bundle, pages. A set address says that the image needs no Temporal server of its own.
RUN TEMPORAL_ADDRESS=none:7233 node scripts/setup.mjs prepare
ENV OMOIOS_ENV=production OMOIOS_DATA_DIR=/data PORT=3000
VOLUME /data
EXPOSE 3000
CMD ["node", "--enable-source-maps", ".cache/programs/server/main.js"]
