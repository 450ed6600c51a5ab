from config.celery import make_celery

app = make_celery("specification")
