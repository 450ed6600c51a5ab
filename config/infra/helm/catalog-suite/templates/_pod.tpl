{{/* What every container of the suite is told and may do. */}}
{{- define "catalog.environment" -}}
- {name: CATALOG_ENV, value: production}
- {name: PUBLIC_URL, value: {{ .Values.publicUrl | quote }}}
- name: ALLOWED_HOSTS
  value: {{ include "catalog.hosts" . | quote }}
- {name: TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }}}
- {name: GATEWAY_TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }}}
- {name: METRICS_HOST, value: 0.0.0.0}
- {name: METRICS_PORT, value: "9464"}
{{- range $service, $one := .Values.services }}
- {name: {{ upper $service }}_URL, value: "http://{{ include "catalog.name" $ }}-{{ $service }}:{{ $one.port }}"}
{{- end }}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end -}}

{{- define "catalog.hosts" -}}
{{- $hosts := list (urlParse .Values.publicUrl).hostname "localhost" "127.0.0.1" -}}
{{- range $service, $_ := .Values.services -}}
{{- $hosts = append $hosts (printf "%s-%s" (include "catalog.name" $) $service) -}}
{{- end -}}
{{- join "," $hosts -}}
{{- end -}}

{{- define "catalog.pod" -}}
# The names of other services' variables are the suite's own.
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- end -}}

{{- define "catalog.container" -}}
image: {{ include "catalog.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - secretRef: {name: {{ required "secretName: the Secret with the parts' URLs" .Values.secretName }}}
{{- end -}}
