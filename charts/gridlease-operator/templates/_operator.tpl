{{- define "gridlease.name" -}}gridlease-operator{{- end -}}

{{- define "gridlease.component" -}}operator{{- end -}}

{{- /* config.json */ -}}
{{- define "gridlease.config" -}}
{{- $own := dict
  "namespace" .Release.Namespace
  "listen" (dict "host" .Values.listenHost "port" 8080)
  "stateDir" "/var/lib/gridlease"
-}}
{{- with .Values.tracing -}}
{{- if .endpoint -}}
{{- $_ := set $own "tracing" (dict "endpoint" .endpoint "samplingRatio" .samplingRatio) -}}
{{- end -}}
{{- end -}}
{{- merge $own (.Values.config | default dict) | toJson -}}
{{- end -}}

{{- define "gridlease.volumes" -}}
- name: config
  configMap:
    name: gridlease-operator-config
- name: state
{{- with .root.Values.persistence }}
{{- if and .enabled (not $.check) }}
  persistentVolumeClaim:
    claimName: {{ .existingClaim | default "gridlease-operator-state" | quote }}
{{- else }}
  emptyDir:
    sizeLimit: 2Gi
{{- end }}
{{- end }}
{{- end -}}

{{- /* "true" where two pods on two nodes can't both have the volume. What a claim of the user's can is unknown. */ -}}
{{- define "gridlease.volumeOfOne" -}}
{{- with .Values.persistence -}}
{{- if and .enabled (le (int $.Values.replicas) 1) (or .existingClaim (not (has "ReadWriteMany" .accessModes))) -}}
true
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Where else it connects to, beside what networkPolicy lists. */ -}}
{{- define "gridlease.destinations" -}}
{{- with .Values.tracing.endpoint -}}{{- list (dict "url" .) | toJson -}}{{- else -}}[]{{- end -}}
{{- end -}}

{{- define "gridlease.problems" -}}
{{- $problems := list -}}
{{- with .Values -}}
{{- if and .persistence.existingClaim (not .persistence.enabled) -}}
{{- $problems = append $problems (printf "persistence.existingClaim: %s is used only where persistence.enabled is true" .persistence.existingClaim) -}}
{{- end -}}
{{- $makesClaim := and .persistence.enabled (not .persistence.existingClaim) -}}
{{- if and $makesClaim (le (include "gridlease.amount" .persistence.size | float64) 0.0) -}}
{{- $problems = append $problems (printf "persistence.size: %s holds nothing; give one such as 5Gi" .persistence.size) -}}
{{- end -}}
{{- if and $makesClaim (has "ReadWriteOncePod" .persistence.accessModes) (gt (len .persistence.accessModes) 1) -}}
{{- $problems = append $problems "persistence.accessModes: ReadWriteOncePod stands alone" -}}
{{- end -}}
{{- if and $makesClaim (gt (int .replicas) 1) (not (has "ReadWriteMany" .persistence.accessModes)) -}}
{{- $problems = append $problems (printf "persistence.accessModes: %d replicas share the volume, so that it must be ReadWriteMany (or replicas 1)" (int .replicas)) -}}
{{- end -}}
{{- $config := .config | default dict -}}
{{- $fence := $config.fenceSeconds | default 60 | int -}}
{{- $stop := $config.stopSeconds | default 20 | int -}}
{{- $replace := $config.replaceSeconds | default 100 | int -}}
{{- $unreachable := $config.unreachableSeconds | default 40 | int -}}
{{- if or (lt $replace (add $fence $stop 10 | int)) (ge $unreachable $replace) -}}
{{- $problems = append $problems "config.replaceSeconds: must be at least fenceSeconds + stopSeconds + 10, or a task could run twice, and more than unreachableSeconds" -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
