{{- define "catalog.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of everything; of one process those by which it is found, too. */}}
{{- define "catalog.labels" -}}
app.kubernetes.io/part-of: catalog-suite
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "catalog.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .service }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{/* The name of a process: catalog-pricing, catalog-pricing-worker. */}}
{{- define "catalog.process" -}}
{{ include "catalog.name" .root }}-{{ .service }}{{ if ne .role "web" }}-{{ .role }}{{ end }}
{{- end -}}

{{- define "catalog.image" -}}
{{ required "image.repository: where the cluster pulls the image from, once it is built and pushed (values.yaml says how)" .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Each process of the suite as {service, role, port, server, settings}, as a JSON list under "all". */}}
{{- define "catalog.processes" -}}
{{- $all := list -}}
{{- range $service, $one := .Values.services -}}
{{- range $role := $one.roles -}}
{{- $settings := mergeOverwrite (deepCopy (get $.Values $role)) (get $one $role | default dict) -}}
{{- $all = append $all (dict "service" $service "role" $role "port" $one.port "server" $one.server "settings" $settings) -}}
{{- end -}}
{{- end -}}
{{- dict "all" $all | toJson -}}
{{- end -}}
