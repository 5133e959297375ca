{{- /* Copied from charts/shared by `npm run charts`. Do not edit. */ -}}
{{- /* By these a selector finds the replicas; they never change. */ -}}
{{- define "gridlease.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: {{ include "gridlease.component" . }}
{{- end -}}

{{- /* Registry, name and what fixes the content. */ -}}
{{- define "gridlease.image" -}}
{{- with .Values.image -}}
{{- $name := .registry | empty | ternary .repository (printf "%s/%s" .registry .repository) -}}
{{- if .digest -}}
{{- printf "%s@%s" $name .digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* What every pod of the program has, that of the check too. */ -}}
{{- define "gridlease.podSecurity" -}}
serviceAccountName: {{ include "gridlease.name" . }}
{{- /* The program is a client of the API server. */}}
automountServiceAccountToken: true
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "gridlease.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "gridlease.env" -}}
- name: GRIDLEASE_REPLICA_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- with .Values.tracing.headersSecretName }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: headers
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /*
An upgrade must not wait for itself. Of several replicas one may go first, since there may be no third node beside a
required anti-affinity. A single one stays until the next is ready, unless it holds a volume that the next one needs.
*/ -}}
{{- define "gridlease.rollingUpdate" -}}
{{- $held := include "gridlease.volumeOfOne" . -}}
maxSurge: {{ empty $held | ternary 1 0 }}
maxUnavailable: {{ or (not (empty $held)) (gt (int .Values.replicas) 1) | ternary 1 0 }}
{{- end -}}

{{- define "gridlease.mounts" -}}
- name: config
  mountPath: /etc/gridlease
  readOnly: true
- name: state
  mountPath: /var/lib/gridlease
{{- end -}}
