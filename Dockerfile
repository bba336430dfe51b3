# The image, from the versions and hashes that locks/ names; `make image` gives the arguments.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# Seconds since 1970: the time of each file, so that two builds give the same bytes.
# https://reproducible-builds.org/docs/source-date-epoch/
ARG SOURCE_DATE_EPOCH=315532800
ENV PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all: PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY locks locks
RUN python -m venv /build \
 && /build/bin/python -m pip install --no-compile --require-hashes --requirement locks/build.txt \
 && python -m venv --without-pip /opt/mock_server \
 && /build/bin/python -m pip --python /opt/mock_server/bin/python install \
    --no-compile --require-hashes --requirement locks/server.txt
COPY . .
RUN /build/bin/python -m pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /build/bin/python -m pip --python /opt/mock_server/bin/python install \
    --no-compile --no-index --no-deps --find-links /wheels openapi-sandbox
# The base has no bytecode, and the server may write none. It is compiled here for all that is installed and
# for the standard library, but for tests, tools with windows, and words of other languages. Its hash is not
# checked at a start, and its bytes do not depend on the order of sets.
RUN export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=/opt/mock_server/bytecode \
 && compile() { /opt/mock_server/bin/python -m compileall -q --invalidation-mode unchecked-hash -x "$1" "$2"; } \
 && folder() { /opt/mock_server/bin/python -c "import sysconfig; print(sysconfig.get_path('$1'))"; } \
 && compile '/(tests?|idlelib|tkinter|turtledemo|ensurepip|pydoc_data|lib2to3|site-packages|dist-packages)/|/turtle.py' \
    "$(folder stdlib)" \
 && compile '/tests?/|/[a-z]{2,3}_[A-Z]{2}/' "$(folder purelib)"
# All that the image adds, in one folder. A label with another version than the package's is refused.
ARG VERSION=""
RUN installed=$(/opt/mock_server/bin/python -c 'import mock_server; print(mock_server.__version__)') \
 && if [ "${VERSION:-$installed}" != "$installed" ]; then echo "VERSION is $VERSION, the package's is $installed"; exit 1; fi \
 && mkdir -p /image/opt /image/fixtures \
 && mv /opt/mock_server /image/opt/ \
 && find /image -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

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
      org.opencontainers.image.description="A local sandbox of the Sequence usage API for integration tests" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${BASE}"
