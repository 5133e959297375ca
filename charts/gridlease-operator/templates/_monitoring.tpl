{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- /*
"true" where an object of Prometheus Operator is to be made. Gets the root, the kind, the name of the value and its
renderMode. Every API server serves apiregistration.k8s.io; where it is missing Helm knows no cluster, as in `helm template`.
*/ -}}
{{- define "gridlease.renders" -}}
{{- $served := .root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) -}}
{{- $known := .root.Capabilities.APIVersions.Has "apiregistration.k8s.io/v1" -}}
{{- if or $served (not $known) (eq .mode "alwaysRender") -}}
true
{{- else if eq .mode "failIfMissing" -}}
{{- fail (printf "%s.enabled: this cluster serves no %s; install Prometheus Operator's CRDs first, or set %s.renderMode to skipIfMissing" .value .kind .value) -}}
{{- end -}}
{{- end -}}

{{- define "gridlease.endpoint" -}}
port: http
path: /metrics
{{- with .interval }}
interval: {{ . }}
{{- end }}
{{- with .scrapeTimeout }}
scrapeTimeout: {{ . }}
{{- end }}
{{- /* The label `namespace` is the tenant's, not the pod's. */}}
honorLabels: true
{{- with .relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
