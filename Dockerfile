FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml setup.cfg README.md LICENSE NOTICE ./
COPY mock_server ./mock_server
COPY pytest_mock_server ./pytest_mock_server
COPY spec ./spec
COPY fixtures ./fixtures
RUN python -m venv /opt/mock_server \
 && /opt/mock_server/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check '.[server]' \
 && /opt/mock_server/bin/pip uninstall --yes --disable-pip-version-check pip
# The base has no bytecode, and the server may write none: what a start needs is compiled here, by starts.
ENV PYTHONPYCACHEPREFIX=/opt/mock_server/bytecode
RUN /opt/mock_server/bin/mock-server generate --count 1 --out /dev/null \
 && timeout --preserve-status --signal TERM 5 /opt/mock_server/bin/mock-server serve --port 0
RUN /opt/mock_server/bin/python -m mock_server.healthcheck || true

FROM python:3.13-slim
LABEL org.opencontainers.image.title="mock_server" \
      org.opencontainers.image.description="A local sandbox of the Sequence usage API for integration tests" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /opt/mock_server /opt/mock_server
RUN mkdir /fixtures
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
