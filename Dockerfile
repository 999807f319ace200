# Two images: `agent` (docker build --target agent .) and `node-red`, with luxcam's nodes. docs/containers.md, compose.yaml
# Debian and not Alpine: that is where luxcam is tested, with the same C library for sharp.

# Builds from the source, with all that this takes.
FROM node:20-bookworm-slim AS build
WORKDIR /luxcam
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY core core
COPY agent agent
COPY gallery gallery
COPY nodes nodes
RUN node scripts/build.mjs

# The packages that luxcam needs to run. onoff's native part finds no compiler here and is left out.
FROM node:20-bookworm-slim AS packages
WORKDIR /luxcam
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:20-bookworm-slim AS agent
WORKDIR /luxcam
RUN install -d -o node -g node /var/lib/luxcam
COPY package.json ./
COPY --from=packages /luxcam/node_modules node_modules
COPY --from=build /luxcam/dist dist
USER node
VOLUME /var/lib/luxcam
ENTRYPOINT ["node", "dist/agent/main.js"]
CMD ["agent", "--config", "/etc/luxcam/luxcam.yaml"]

FROM node:20-bookworm-slim AS node-red-packages
WORKDIR /node-red
RUN npm install --no-audit --no-fund node-red@4.1.15 @flowfuse/node-red-dashboard@1.31.0

FROM node:20-bookworm-slim AS node-red
WORKDIR /luxcam
RUN install -d -o node -g node /data
COPY package.json ./
COPY --from=node-red-packages /node-red/node_modules /node-red/node_modules
COPY --from=packages /luxcam/node_modules node_modules
COPY --from=build /luxcam/dist dist
COPY --from=build /luxcam/resources resources
COPY examples examples
COPY flows/settings.js flows/settings.js
# A new volume begins with what lies here: the flow of `npm start`, and which variables hold the broker's user.
COPY --chown=node:node flows/flows.json containers/flows_cred.json /data/
# The settings need a package of Node-RED's.
ENV NODE_PATH=/node-red/node_modules
USER node
VOLUME /data
EXPOSE 1880
ENTRYPOINT ["node", "/node-red/node_modules/node-red/red.js"]
CMD ["--userDir", "/data", "--settings", "/luxcam/flows/settings.js"]
