# One image for every service process; docker-compose.yml says which one runs.
FROM python:3.12-slim

RUN useradd --create-home catalog && install -d -o catalog /app /app/.run
WORKDIR /app
COPY requirements/base.lock requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/base.lock
COPY --chown=catalog . .
USER catalog
ENV PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2
ENTRYPOINT ["python", "-m"]
