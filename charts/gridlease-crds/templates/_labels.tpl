{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- /* What every object of the release carries. */ -}}
{{- define "gridlease.labels" -}}
{{- $standard := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63)
  "app.kubernetes.io/name" .Chart.Name
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/part-of" "gridlease"
  "app.kubernetes.io/managed-by" .Release.Service
-}}
{{- /* The standard ones win: a selector stands on them. */ -}}
{{- merge (dict) $standard (.Values.commonLabels | default dict) | toYaml -}}
{{- end -}}
