from config.celery import make_celery

app = make_celery("store")
app.steps["worker"].add("catalog_services.store.maintenance:MaintenanceStep")
