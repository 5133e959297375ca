{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- define "gridlease.notes.monitoring" -}}
{{- $rendered := or .Values.serviceMonitor.enabled .Values.podMonitor.enabled -}}
{{- $labels := or .Values.serviceMonitor.labels .Values.podMonitor.labels -}}
{{- if not $rendered }}
Metrics: nothing scrapes them yet. With Prometheus Operator: --set serviceMonitor.enabled=true,prometheusRule.enabled=true,dashboards.enabled=true
and the label by which your Prometheus selects (kube-prometheus-stack: --set serviceMonitor.labels.release=<its release name>,prometheusRule.labels.release=<its release name>).
{{- else if not $labels }}
Metrics: the monitor carries no label of its own. A Prometheus object that selects monitors by a label ignores it and says nothing;
kube-prometheus-stack selects `release: <its release name>`:

  kubectl get prometheus --all-namespaces -o jsonpath='{range .items[*]}{.metadata.name}{": "}{.spec.serviceMonitorSelector}{"\n"}{end}'
  helm upgrade {{ .Release.Name }} charts/{{ .Chart.Name }} -n {{ .Release.Namespace }} --reset-then-reuse-values --set {{ .Values.podMonitor.enabled | ternary "podMonitor" "serviceMonitor" }}.labels.release=<its release name>
{{- end }}
{{- if and .Values.prometheusRule.enabled (not .Values.prometheusRule.labels) }}
Alerts: the PrometheusRule carries no label of its own, see prometheusRule.labels; a Prometheus object that selects rules by one ignores it.
{{- end }}
{{- range $value, $kind := dict "serviceMonitor" "ServiceMonitor" "podMonitor" "PodMonitor" "prometheusRule" "PrometheusRule" }}
{{- $wanted := index $.Values $value }}
{{- if and $wanted.enabled (not ($.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" $kind))) (eq $wanted.renderMode "skipIfMissing") }}
{{ $value }} is left out: this cluster serves no {{ $kind }}. Install Prometheus Operator's CRDs, then upgrade this release.
{{- end }}
{{- end }}
{{- end -}}
