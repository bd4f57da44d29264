# One image for all four services, the migrations and the CLI. Built without root in the end, run without any write.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/newsroom UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1
RUN pip install --quiet 'uv>=0.9'
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --quiet --frozen --no-dev --no-install-project \
    --extra ingest --extra enrichment --extra moderation --extra publishing --extra ops
COPY services services
COPY shared shared
COPY ops ops
RUN /opt/newsroom/bin/python -m compileall -q services shared ops \
    && printf '#!/bin/sh\nexec /opt/newsroom/bin/python -m ops.cli "$@"\n' > /opt/newsroom/bin/newsroom \
    && chmod 755 /opt/newsroom/bin/newsroom

FROM python:3.13-slim-bookworm
ENV PATH=/opt/newsroom/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin newsroom
WORKDIR /app
COPY --from=build /opt/newsroom /opt/newsroom
COPY --from=build /app /app
USER 10001:10001
# Each service names its own command in docker-compose.yml; by itself the image is the CLI.
ENTRYPOINT []
CMD ["newsroom", "--help"]
