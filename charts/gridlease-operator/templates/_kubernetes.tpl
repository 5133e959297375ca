{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- /* What no schema says of Kubernetes' own objects, and an API server would refuse. */ -}}
{{- define "gridlease.kubernetesProblems" -}}
{{- $problems := list -}}
{{- range $index, $toleration := .Values.tolerations -}}
{{- $at := printf "tolerations[%d]" $index -}}
{{- with $toleration -}}
{{- if and (eq (.operator | default "Equal") "Exists") .value -}}
{{- $problems = append $problems (printf "%s.value: %s is never compared where operator is Exists; leave it out, or write operator Equal" $at .value) -}}
{{- end -}}
{{- if and (not .key) (ne (.operator | default "Equal") "Exists") -}}
{{- $problems = append $problems (printf "%s.key: name the taint; only operator Exists goes without, and tolerates all" $at) -}}
{{- end -}}
{{- if and (hasKey . "tolerationSeconds") (ne (.effect | default "") "NoExecute") -}}
{{- $problems = append $problems (printf "%s.tolerationSeconds: only with effect NoExecute" $at) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $spreads := list -}}
{{- range $index, $spread := .Values.topologySpreadConstraints -}}
{{- $at := printf "topologySpreadConstraints[%d]" $index -}}
{{- if and .minDomains (ne .whenUnsatisfiable "DoNotSchedule") -}}
{{- $problems = append $problems (printf "%s.minDomains: only with whenUnsatisfiable DoNotSchedule" $at) -}}
{{- end -}}
{{- $spread := printf "%s with %s" .topologyKey .whenUnsatisfiable -}}
{{- if has $spread $spreads -}}
{{- $problems = append $problems (printf "%s: %s is there twice" $at $spread) -}}
{{- end -}}
{{- $spreads = append $spreads $spread -}}
{{- end -}}
{{- range $index, $variable := .Values.extraEnv -}}
{{- if and (hasKey . "valueFrom") (ne (len .valueFrom) 1) -}}
{{- $problems = append $problems (printf "extraEnv[%d].valueFrom: %s has %d sources; give one of secretKeyRef, configMapKeyRef, fieldRef and resourceFieldRef" $index .name (len .valueFrom)) -}}
{{- end -}}
{{- end -}}
{{- range $index, $peer := .Values.networkPolicy.metricsFrom -}}
{{- $problems = concat $problems (include "gridlease.peerProblems" (dict "peer" . "at" (printf "networkPolicy.metricsFrom[%d]" $index)) | fromJsonArray) -}}
{{- end -}}
{{- range $index, $peer := (.Values.networkPolicy.dns).to -}}
{{- $problems = concat $problems (include "gridlease.peerProblems" (dict "peer" . "at" (printf "networkPolicy.dns.to[%d]" $index)) | fromJsonArray) -}}
{{- end -}}
{{- range $rule, $egress := .Values.networkPolicy.extraEgress -}}
{{- range $index, $peer := .to -}}
{{- $problems = concat $problems (include "gridlease.peerProblems" (dict "peer" . "at" (printf "networkPolicy.extraEgress[%d].to[%d]" $rule $index)) | fromJsonArray) -}}
{{- end -}}
{{- range $index, $port := .ports -}}
{{- if hasKey . "endPort" -}}
{{- if or (not (hasKey . "port")) (kindIs "string" .port) -}}
{{- $problems = append $problems (printf "networkPolicy.extraEgress[%d].ports[%d].endPort: needs a number in port, where the range begins" $rule $index) -}}
{{- else if lt (int .endPort) (int .port) -}}
{{- $problems = append $problems (printf "networkPolicy.extraEgress[%d].ports[%d].endPort: %d is below port, %d" $rule $index (int .endPort) (int .port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{- /*
What the user adds must not be there twice, nor be the chart's own: of two objects of one name the second would quietly
take the place of the first. Two of one name in two namespaces are two.
*/ -}}
{{- define "gridlease.extraObjectProblems" -}}
{{- $problems := list -}}
{{- $name := include "gridlease.name" . -}}
{{- $own := list "ClusterRole" "ClusterRoleBinding" "ConfigMap" "Deployment" "Job" "NetworkPolicy" "PersistentVolumeClaim" "PodDisruptionBudget" "PodMonitor" "PrometheusRule" "Role" "RoleBinding" "Service" "ServiceAccount" "ServiceMonitor" -}}
{{- $extras := list -}}
{{- range $index, $extra := .Values.extraObjects -}}
{{- $namespace := .metadata.namespace | default $.Release.Namespace -}}
{{- $id := printf "%s %s %s/%s" .apiVersion .kind $namespace .metadata.name -}}
{{- if has $id $extras -}}
{{- $problems = append $problems (printf "extraObjects[%d]: %s %s is there twice" $index .kind .metadata.name) -}}
{{- end -}}
{{- $extras = append $extras $id -}}
{{- if and (has .kind $own) (eq $namespace $.Release.Namespace) (regexMatch (printf "^%s(-config|-check|-metrics|-state|-dashboard-.*)?$" $name) .metadata.name) -}}
{{- $problems = append $problems (printf "extraObjects[%d].metadata.name: %s %s is the chart's own; give another name" $index .kind .metadata.name) -}}
{{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{- /* What is excepted must be a part of the range. Of IPv6 only family and length are compared. */ -}}
{{- define "gridlease.peerProblems" -}}
{{- $problems := list -}}
{{- $at := .at -}}
{{- with .peer.ipBlock -}}
{{- $cidr := .cidr -}}
{{- range $index, $except := .except -}}
{{- $length := regexFind "[0-9]+$" $cidr | int -}}
{{- $inside := and (eq (contains ":" $cidr) (contains ":" .)) (gt (regexFind "[0-9]+$" . | int) $length) -}}
{{- if and $inside (not (contains ":" .)) -}}
{{- $inside = eq (include "gridlease.blockOf" (dict "cidr" . "length" $length)) (include "gridlease.blockOf" (dict "cidr" $cidr "length" $length)) -}}
{{- end -}}
{{- if not $inside -}}
{{- $problems = append $problems (printf "%s.ipBlock.except[%d]: %s must be a part of cidr, %s, and smaller" $at $index . $cidr) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $problems | toJson -}}
{{- end -}}

{{- /* Which of the blocks of this length an IPv4 address is in. */ -}}
{{- define "gridlease.blockOf" -}}
{{- $address := 0 -}}
{{- range regexFind "^[0-9.]+" .cidr | splitList "." -}}
{{- $address = add (mul $address 256) (atoi .) -}}
{{- end -}}
{{- range until (sub 32 .length | int) -}}
{{- $address = div $address 2 -}}
{{- end -}}
{{- $address -}}
{{- end -}}
