# The image, from the versions and hashes that locks/ names; `make image` gives the arguments.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all: PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY locks locks
RUN python -m venv /build \
 && /build/bin/python -m pip install --require-hashes --requirement locks/build.txt \
 && /build/bin/python -m pip download --require-hashes --requirement locks/server.txt --dest /wheels
COPY . .
# Seconds since 1970: the time of each file, so that two builds give the same bytes. 1980 is the first year
# that a wheel can hold. https://reproducible-builds.org/docs/source-date-epoch/
ARG SOURCE_DATE_EPOCH=315532800
# A label with another version than the package's is refused.
ARG VERSION=""
RUN sh tools/image_root.sh /image

FROM ${BASE}
COPY --from=build /image/ /
ENV PATH=/opt/mock_server/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPYCACHEPREFIX=/opt/mock_server/bytecode \
    PYTHONUNBUFFERED=1 \
    MOCK_SERVER_HOST=0.0.0.0 \
    MOCK_SERVER_FIXTURES=/fixtures
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-m", "mock_server.healthcheck"]
ENTRYPOINT ["mock-server"]
CMD ["serve"]
# Last, so that another version or commit leaves what is above in the cache.
ARG BASE
ARG VERSION=""
ARG REVISION=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="mock_server" \
      org.opencontainers.image.description="A local sandbox of a SaaS API, given its OpenAPI document, for integration tests" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${BASE}"
