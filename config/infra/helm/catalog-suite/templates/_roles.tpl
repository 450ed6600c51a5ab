{{/* By a process's role: its command, and how Kubernetes knows that it is well. */}}
{{- define "catalog.command" -}}
{{- $module := printf "catalog_services.%s" .service -}}
{{- if eq .role "relay" -}}
command: [python, manage.py, {{ .service }}, relay, --skip-checks]
{{- else if eq .role "worker" -}}
args: [apps.runtime.worker, {{ .service }}]
{{- else if eq .server "asgi" -}}
args: [apps.runtime.asgi_server, {{ .service }}, "{{ .port }}", 0.0.0.0]
{{- else -}}
args: [gunicorn, "{{ $module }}.wsgi:application", "--config=python:apps.runtime.gunicorn_config", "--bind=0.0.0.0:{{ .port }}"]
{{- end -}}
{{- end -}}

{{- define "catalog.probes" -}}
{{- if eq .role "web" -}}
# By a name that the service may be asked by: a pod's address is none.
startupProbe:
  httpGet: &live {path: /health/live, port: http, httpHeaders: [{name: Host, value: localhost}]}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 60
livenessProbe:
  httpGet: *live
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health/ready, port: http, httpHeaders: [{name: Host, value: localhost}]}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
lifecycle: {preStop: {exec: {command: [sleep, "5"]}}} # until nobody sends it anything more
{{- else -}}
# It serves nobody: it has begun when it tells its metrics. What it lacks, such as the broker, it waits for itself; to
# be ended every two minutes meanwhile would only make Kubernetes wait ever longer before the next try.
startupProbe: {tcpSocket: {port: metrics}, periodSeconds: 2, failureThreshold: 900}
livenessProbe: {tcpSocket: {port: metrics}, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4}
{{- end -}}
{{- end -}}
