# Predig's server. Three stages: what pages and maps draw with, the Python environment, and what runs.
# Versions come from the lock files, each with its hash; nothing is fetched when the container runs.

FROM node:24-bookworm-slim AS assets
WORKDIR /app/maps
COPY maps/package.json maps/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /app/.venv
COPY requirements.lock /app/
RUN /app/.venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /app/requirements.lock

FROM python:3.11-slim-bookworm
# The font is for the picture of the risk map, libseccomp for the walls round foreign files (Landlock is the kernel's).
RUN apt-get update -q && apt-get install -y -q --no-install-recommends fonts-noto-cjk libseccomp2 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --user-group --home-dir /app --no-create-home --shell /usr/sbin/nologin predig
WORKDIR /app
COPY --from=packages /app/.venv ./.venv
COPY pyproject.toml README.md LICENSE ./
COPY api ./api
COPY bench ./bench
COPY ingest ./ingest
COPY maps ./maps
COPY spatial ./spatial
COPY sql ./sql
COPY --from=assets /app/maps/node_modules ./maps/node_modules
# Run from the folder itself, so no build step and no second copy: the command is the package's entry point.
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp
RUN printf '#!/bin/sh\nexec python -m api.cli "$@"\n' > /usr/local/bin/predig && chmod 755 /usr/local/bin/predig
# A volume put here belongs to whom the folder belonged to.
RUN install -d -m 0700 -o predig -g predig /var/lib/predig
USER predig
EXPOSE 8000
# Inside a container loopback is the container's own: it listens on all its addresses, and says under which
# one its port is published (see docker-compose.yml). Anything but a loopback address there is refused.
CMD ["predig", "up", "--host", "0.0.0.0", "--port", "8000"]
