# Adelante in a container: docker build -t adelante . && docker run --rm -p 8000:8000 -v adelante:/data adelante
# TORCH_INDEX chooses torch's build. Empty: the package index's own, which on Linux brings CUDA (`docker run --gpus all`).
# https://download.pytorch.org/whl/cpu: the CPU build, a much smaller image.
# EXTRAS are optional parts, with commas between (pyproject.toml): s3 keeps networks in a bucket.

FROM node:22-slim AS studio
WORKDIR /src/app/frontend
COPY app/frontend/package.json app/frontend/package-lock.json app/frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY app/frontend ./
RUN npm run build

FROM python:3.12-slim AS install
ARG TORCH_INDEX=
ARG EXTRAS=s3
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_PYTHON=/opt/adelante/bin/python
RUN PIP_PYTHON='' python -m venv --without-pip /opt/adelante
WORKDIR /src
COPY constraints.txt requirements.lock ./
# Everything but torch by its hash; what comes after finds it here.
RUN pip install --no-compile --require-hashes --no-deps -r requirements.lock \
    && pip install --no-compile ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -c constraints.txt torch
COPY pyproject.toml hatch_build.py adelante_cli.py README.md LICENSE ./
COPY adelante adelante
COPY app app
COPY --from=studio /src/app/static/build app/static/build
RUN ADELANTE_STUDIO_BUILT=1 pip install --no-compile -c constraints.txt ".[$EXTRAS]"
COPY deploy/image deploy/image
# The check serves from what is left, and so leaves the bytecode of just what a server loads: it starts at once, though
# nothing can be written later.
WORKDIR /tmp
RUN sh /src/deploy/image/slim.sh /opt/adelante \
    && PYTHONPYCACHEPREFIX=/opt/adelante/bytecode /opt/adelante/bin/python /src/deploy/image/check.py

FROM python:3.12-slim
# Nothing is installed here any more. /data belongs to the user, which a new volume takes over.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.*/site-packages/* /usr/local/lib/python3.*/ensurepip \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent adelante \
    && install -d -o 10001 -g 0 -m 0770 /data
COPY --from=install /opt/adelante /opt/adelante
ENV PATH=/opt/adelante/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPYCACHEPREFIX=/opt/adelante/bytecode ADELANTE_HOST=:: ADELANTE_STORE=/data
VOLUME /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["adelante", "health"]
CMD ["adelante", "serve"]
