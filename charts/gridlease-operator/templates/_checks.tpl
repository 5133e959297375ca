{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- /* What a schema can't say: one message for all that is wrong. Charts add their own to the list. */ -}}
{{- define "gridlease.validate" -}}
{{- $problems := include "gridlease.problems" . | fromJsonArray -}}
{{- $problems = concat $problems (include "gridlease.kubernetesProblems" . | fromJsonArray) (include "gridlease.extraObjectProblems" . | fromJsonArray) -}}
{{- with .Values -}}
{{- if and .image.tag .image.digest -}}
{{- $problems = append $problems "image.tag, image.digest: give one of them" -}}
{{- end -}}
{{- if eq (.image.tag | default "" | lower) "latest" -}}
{{- $problems = append $problems "image.tag: latest names something else every day; give a version or a digest" -}}
{{- end -}}
{{- if and .serviceMonitor.enabled .podMonitor.enabled -}}
{{- $problems = append $problems "serviceMonitor.enabled, podMonitor.enabled: one of them, or every series is there twice" -}}
{{- end -}}
{{- $names := list "GRIDLEASE_REPLICA_NAME" -}}
{{- if .tracing.headersSecretName -}}
{{- $names = append $names "OTEL_EXPORTER_OTLP_HEADERS" -}}
{{- end -}}
{{- range .extraEnv -}}
{{- if has .name $names -}}
{{- $problems = append $problems (printf "extraEnv: %s is there twice" .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- if and .value .valueFrom -}}
{{- $problems = append $problems (printf "extraEnv: %s has value and valueFrom; give one of them" .name) -}}
{{- end -}}
{{- end -}}
{{- $secrets := list -}}
{{- range .imagePullSecrets -}}
{{- if has .name $secrets -}}
{{- $problems = append $problems (printf "imagePullSecrets: %s is there twice" .name) -}}
{{- end -}}
{{- $secrets = append $secrets .name -}}
{{- end -}}
{{- range $resource, $request := .resources.requests -}}
{{- $limit := index $.Values.resources.limits $resource -}}
{{- if $limit -}}
{{- if gt (include "gridlease.amount" $request | float64) (include "gridlease.amount" $limit | float64) -}}
{{- $problems = append $problems (printf "resources.requests.%s: %v is more than resources.limits.%s, %v" $resource $request $resource $limit) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $value := list "serviceMonitor" "podMonitor" -}}
{{- $monitor := index $.Values $value -}}
{{- $interval := include "gridlease.seconds" ($monitor.interval | default "") | float64 -}}
{{- $timeout := include "gridlease.seconds" ($monitor.scrapeTimeout | default "") | float64 -}}
{{- /* Empty is Prometheus' own, which is not known here. */ -}}
{{- range $key, $seconds := dict "interval" $interval "scrapeTimeout" $timeout -}}
{{- $written := index $monitor $key -}}
{{- if and $written (le $seconds 0.0) -}}
{{- $problems = append $problems (printf "%s.%s: %s is no time; give one such as 30s" $value $key $written) -}}
{{- end -}}
{{- end -}}
{{- if and $monitor.interval (gt $timeout $interval) -}}
{{- $problems = append $problems (printf "%s.scrapeTimeout: %s is longer than %s.interval, %s" $value $monitor.scrapeTimeout $value $monitor.interval) -}}
{{- end -}}
{{- end -}}
{{- $alerts := include "gridlease.alerts" $ | fromJsonArray -}}
{{- range .prometheusRule.disabled -}}
{{- if not (has . $alerts) -}}
{{- $problems = append $problems (printf "prometheusRule.disabled: there is no alert %s, but %s" . (join ", " $alerts)) -}}
{{- end -}}
{{- end -}}
{{- with (.config).leaderElection -}}
{{- $duration := .durationSeconds | default 12 | float64 -}}
{{- $deadline := .renewDeadlineSeconds | default 9 | float64 -}}
{{- $retry := .retrySeconds | default 2 | float64 -}}
{{- if or (ge $retry $deadline) (ge $deadline $duration) -}}
{{- $problems = append $problems "config.leaderElection: retrySeconds must be less than renewDeadlineSeconds, and that less than durationSeconds" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "the values are not valid:\n  %s" (join "\n  " $problems)) -}}
{{- end -}}
{{- end -}}

{{- /* A quantity as a number. */ -}}
{{- define "gridlease.amount" -}}
{{- $text := toString . -}}
{{- $unit := regexFind "[A-Za-z]+$" $text -}}
{{- $factors := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 -}}
{{- mulf (trimSuffix $unit $text | float64) (index $factors $unit) -}}
{{- end -}}

{{- /* 1m30s as a number of seconds. */ -}}
{{- define "gridlease.seconds" -}}
{{- $sum := 0.0 -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 "w" 604800.0 "y" 31536000.0 -}}
{{- range regexFindAll "[0-9]+(ms|[smhdwy])" . -1 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (index $units $unit)) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}

{{- /* Names of all alerts that the chart has. */ -}}
{{- define "gridlease.alerts" -}}
{{- $names := list -}}
{{- range $path, $_ := .Files.Glob "files/rules/*.yaml" -}}
{{- range (($.Files.Get $path) | fromYaml).groups -}}
{{- range .rules -}}
{{- if .alert -}}
{{- $names = append $names .alert -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $names | sortAlpha | toJson -}}
{{- end -}}
