# Adelante in a container: docker build -t adelante . && docker run --rm -p 8000:8000 adelante
# TORCH_INDEX chooses torch's build. Empty: the package index's own, which on Linux brings CUDA (`docker run --gpus all`).
# The address of PyTorch's CPU builds, as its install page gives it: a much smaller image without CUDA.

FROM node:22-slim AS studio
WORKDIR /src/app/frontend
COPY app/frontend/package.json app/frontend/package-lock.json app/frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY app/frontend ./
RUN npm run build

FROM python:3.12-slim AS install
ARG TORCH_INDEX=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/adelante
WORKDIR /src
COPY constraints.txt ./
RUN /opt/adelante/bin/pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -c constraints.txt torch
COPY pyproject.toml hatch_build.py adelante_cli.py README.md LICENSE ./
COPY adelante adelante
COPY app app
COPY --from=studio /src/app/static/build app/static/build
RUN ADELANTE_STUDIO_BUILT=1 /opt/adelante/bin/pip install -c constraints.txt .

FROM python:3.12-slim
# /data is for `-e ADELANTE_STORE=/data -v adelante:/data`: a new volume takes over whose folder it was.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent adelante \
    && install -d -o 10001 -g 0 -m 0770 /data
COPY --from=install /opt/adelante /opt/adelante
ENV PATH=/opt/adelante/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ADELANTE_HOST=0.0.0.0
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["adelante", "health"]
CMD ["adelante", "serve"]
