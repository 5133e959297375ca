{{- define "gridlease.name" -}}gridlease-provider-agent{{- end -}}

{{- define "gridlease.component" -}}provider-agent{{- end -}}

{{- /* config.json. What is secret stays in the Secret: here are only the names of its files. */ -}}
{{- define "gridlease.config" -}}
{{- $files := "/etc/gridlease/credentials" -}}
{{- $hub := dict
  "name" ((.Values.hub).name | default "hub")
  "url" ((.Values.hub).url)
  "caPath" (printf "%s/ca.crt" $files)
  "tokenPath" (printf "%s/token" $files)
  "uidPath" (printf "%s/hub-uid" $files)
-}}
{{- with (.Values.hub).namespace -}}
{{- $_ := set $hub "namespace" . -}}
{{- end -}}
{{- $chain := dict "escrow" .Values.chain.escrow "finality" .Values.chain.finality -}}
{{- if .Values.chain.rpcURLKey -}}
{{- $_ := set $chain "rpcURLPath" (printf "%s/%s" $files .Values.chain.rpcURLKey) -}}
{{- else -}}
{{- $_ := set $chain "rpcURL" .Values.chain.rpcURL -}}
{{- end -}}
{{- $own := dict
  "providerName" (.Values.provider).name
  "hub" $hub
  "cluster" (dict "namespace" .Release.Namespace)
  "chain" $chain
  "agentKeyPath" (printf "%s/agent.key" $files)
  "gasKeyPath" (printf "%s/gas.key" $files)
  "grantPath" (printf "%s/grant.json" $files)
  "offers" .Values.offers
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
{{- /* Group 65532 is the program's alone: nobody else in the container could read them. */ -}}
- name: config
  projected:
    defaultMode: 0440
    sources:
      - configMap:
          name: gridlease-provider-agent-config
      - secret:
          name: {{ (.root.Values.credentials).secretName | quote }}
          items:
            {{- $keys := list "token" "ca.crt" "hub-uid" "agent.key" "gas.key" "grant.json" }}
            {{- with .root.Values.chain.rpcURLKey }}
            {{- $keys = append $keys . }}
            {{- end }}
            {{- range $keys }}
            - key: {{ . | quote }}
              path: {{ printf "credentials/%s" . | quote }}
            {{- end }}
- name: state
  emptyDir:
    sizeLimit: 256Mi
{{- end -}}

{{- /* Where it connects to, beside what networkPolicy lists. */ -}}
{{- define "gridlease.destinations" -}}
{{- $network := .Values.networkPolicy -}}
{{- $to := list (dict "url" (.Values.hub).url "cidrs" ($network.hub).cidrs) -}}
{{- with .Values.chain.rpcURL -}}
{{- $to = append $to (dict "url" . "cidrs" $network.chain.cidrs) -}}
{{- end -}}
{{- with .Values.tracing.endpoint -}}
{{- $to = append $to (dict "url" .) -}}
{{- end -}}
{{- $metering := (.Values.config).metering | default dict -}}
{{- range $metering.exporterURLs -}}
{{- $to = append $to (dict "url" .) -}}
{{- end -}}
{{- if ne (toString $metering.discoverExporters) "false" -}}
{{- $to = append $to (dict "url" "http://exporter:9400") -}}
{{- end -}}
{{- toJson $to -}}
{{- end -}}

{{- /* Its files are on an emptyDir. */ -}}
{{- define "gridlease.volumeOfOne" -}}{{- end -}}

{{- /* As offers are compared: h100, NVIDIA-H100 and H100 are one product. */ -}}
{{- define "gridlease.normalProduct" -}}
{{- $words := regexReplaceAll "[\\s_-]+" (trim . | lower) "-" -}}
{{- regexReplaceAll "^((nvidia|geforce|tesla)-)+" (trimAll "-" $words) "" | replace "-" "" -}}
{{- end -}}

{{- define "gridlease.problems" -}}
{{- $problems := list -}}
{{- with .Values -}}
{{- if not (.provider).name -}}
{{- $problems = append $problems "provider.name: required; the name of your GPUProvider at the hub" -}}
{{- end -}}
{{- if not (.hub).url -}}
{{- $problems = append $problems "hub.url: required; the URL of the hub's API server, such as https://hub.example.org:6443" -}}
{{- end -}}
{{- if not (.credentials).secretName -}}
{{- $problems = append $problems "credentials.secretName: required; the Secret with token, ca.crt, hub-uid, agent.key, gas.key and grant.json" -}}
{{- end -}}
{{- if not (or .chain.rpcURL .chain.rpcURLKey) -}}
{{- $problems = append $problems "chain.rpcURL: required; the URL of an RPC server of the chain" -}}
{{- end -}}
{{- if and .chain.rpcURL .chain.rpcURLKey -}}
{{- $problems = append $problems "chain.rpcURL, chain.rpcURLKey: give one of them" -}}
{{- end -}}
{{- if has (.chain.rpcURLKey | default "") (list "token" "ca.crt" "hub-uid" "agent.key" "gas.key" "grant.json") -}}
{{- $problems = append $problems (printf "chain.rpcURLKey: %s holds something else; give the URL a key of its own, such as rpc-url" .chain.rpcURLKey) -}}
{{- end -}}
{{- if not .chain.escrow -}}
{{- $problems = append $problems "chain.escrow: required; the address of the escrow contract" -}}
{{- else if regexMatch "^0x0+$" .chain.escrow -}}
{{- $problems = append $problems "chain.escrow: the zero address is no contract" -}}
{{- end -}}
{{- if not .offers -}}
{{- $problems = append $problems "offers: required; at least one, such as {product: H100, pricePerGPUHour: \"2.10\"}" -}}
{{- end -}}
{{- $products := list -}}
{{- range $index, $offer := .offers -}}
{{- $product := include "gridlease.normalProduct" .product -}}
{{- if has $product $products -}}
{{- $problems = append $problems (printf "offers[%d].product: %s is offered twice" $index .product) -}}
{{- end -}}
{{- $products = append $products $product -}}
{{- if not (regexMatch "[1-9]" .pricePerGPUHour) -}}
{{- $problems = append $problems (printf "offers[%d].pricePerGPUHour: must be above zero" $index) -}}
{{- end -}}
{{- if gt (float64 (.spotPricePerGPUHour | default "0")) (float64 .pricePerGPUHour) -}}
{{- $problems = append $problems (printf "offers[%d].spotPricePerGPUHour: %s is more than pricePerGPUHour, %s; GPUs that may be taken away at any time cost less" $index .spotPricePerGPUHour .pricePerGPUHour) -}}
{{- end -}}
{{- if and .minGPUs .maxGPUs -}}
{{- if gt (int .minGPUs) (int .maxGPUs) -}}
{{- $problems = append $problems (printf "offers[%d].minGPUs: %d is more than maxGPUs, %d" $index (int .minGPUs) (int .maxGPUs)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $nodes := list -}}
{{- range $index, $product := ((.config).inventory).products -}}
{{- if has (.nodeName | default "") $nodes -}}
{{- $problems = append $problems (printf "config.inventory.products[%d].nodeName: %s is there twice" $index .nodeName) -}}
{{- end -}}
{{- if .nodeName -}}
{{- $nodes = append $nodes .nodeName -}}
{{- end -}}
{{- if eq (hasKey . "nodeName") (hasKey . "nodeSelector") -}}
{{- $problems = append $problems (printf "config.inventory.products[%d]: give either nodeName or nodeSelector" $index) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
