# One image for every service of docker-compose.yml: Airflow, the `nis` commands and the sandbox.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never \
    PATH="/app/.venv/bin:$PATH" \
    PYTHONPATH=/app \
    AIRFLOW_HOME=/var/lib/nis/airflow \
    NIS_HOME=/var/lib/nis

# The folders that services write to; a new volume mounted there takes over their owner.
RUN groupadd --system --gid 10001 nis \
    && useradd --system --uid 10001 --gid nis --home-dir /var/lib/nis --shell /usr/sbin/nologin nis \
    && install -d -o nis -g nis -m 0700 /var/lib/nis /var/lib/nis/airflow /var/lib/nis/inbox /var/cache/nis \
    && pip install --no-cache-dir "uv>=0.8,<1"

WORKDIR /app

# Dependencies first: they change less often than the code.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --extra celery --extra s3 --no-install-project

COPY README.md ./
COPY dags ./dags
COPY dbt_project ./dbt_project
COPY expectations ./expectations
COPY ingest ./ingest
COPY sandbox ./sandbox
RUN uv sync --locked --no-dev --extra celery --extra s3

USER nis
CMD ["python", "-m", "ingest", "--help"]
