{{- define "odoo-sync.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* (list root component) */}}
{{- define "odoo-sync.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "odoo-sync.labels" -}}
{{- $root := index . 0 -}}
{{ include "odoo-sync.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "odoo-sync.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Heap of Node in MB: 60 % of the memory limit; the rest is for what lies outside it, buffers above all. */}}
{{- define "odoo-sync.heap" -}}
{{- $limit := . | toString -}}
{{- $number := regexFind "^[0-9]+" $limit | float64 -}}
{{- $unit := regexReplaceAll "^[0-9]+" $limit "" -}}
{{- $bytes := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "k" 1000 "M" 1000000 "G" 1000000000 "" 1 -}}
{{- $size := get $bytes $unit -}}
{{- if not $size }}{{ fail (printf "resources.limits.memory: expected a whole number with Ki, Mi, Gi, k, M or G, but it is %q" $limit) }}{{ end -}}
{{- divf (mulf $number $size 0.6) 1048576 | floor | int -}}
{{- end }}

{{/* Rolls the pods when settings or the Secret change. `lookup` sees nothing in `helm template`. */}}
{{- define "odoo-sync.checksums" -}}
checksum/settings: {{ include (print $.Template.BasePath "/settings.yaml") . | sha256sum }}
checksum/secret: {{ (lookup "v1" "Secret" .Release.Namespace .Values.existingSecret).data | default dict | toJson | sha256sum }}
{{- end }}

{{/* The parts of a pod that all programs share: (dict "root" $ "component" "worker") */}}
{{- define "odoo-sync.pod" -}}
automountServiceAccountToken: false
serviceAccountName: {{ include "odoo-sync.name" .root }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "odoo-sync.selector" (list .root .component) | nindent 8 }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The metadata of a pod: (list root component) */}}
{{- define "odoo-sync.podMetadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "odoo-sync.labels" . | nindent 2 }}
  {{- with $root.Values.podLabels }}{{ toYaml . | nindent 2 }}{{ end }}
annotations:
  {{- include "odoo-sync.checksums" $root | nindent 2 }}
  {{- if not $root.Values.metrics.podMonitor }}
  prometheus.io/scrape: "true"
  prometheus.io/port: "9464"
  {{- end }}
  {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}

{{/* The parts of a program's container that all share: (dict "root" $ "resources" ...) */}}
{{- define "odoo-sync.container" -}}
image: {{ include "odoo-sync.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
resources: {{ toYaml .resources | nindent 2 }}
{{- end }}

{{/* Which keys of the Secret a program gets, each by the setting that it is for: (dict "root" $ "component" "worker") */}}
{{- define "odoo-sync.secrets" -}}
REDIS_URL: redis-url
MONGODB_URL: mongodb-url
{{- if has .component (list "worker" "test") }}
CREDENTIALS_KEYS: credentials-keys
{{- if .root.Values.odooProxy }}
ODOO_PROXY: odoo-proxy
{{- end }}
{{- end }}
{{- if eq .component "api" }}
API_TOKEN: api-token
{{- end }}
{{- end }}

{{/* The volume of a program's own secrets: (dict "root" $ "component" "worker"). 288 is 0440: the pod's group reads them. */}}
{{- define "odoo-sync.secretVolume" -}}
name: secrets
secret:
  secretName: {{ .root.Values.existingSecret }}
  defaultMode: 288
  items:
    {{- range $setting, $key := include "odoo-sync.secrets" . | fromYaml }}
    - { key: {{ $key }}, path: {{ $key }} }
    {{- end }}
{{- end }}

{{- define "odoo-sync.secretMount" -}}
{ name: secrets, mountPath: /run/odoo-sync, readOnly: true }
{{- end }}

{{/* Settings, and where the secrets are: (dict "root" $ "component" "worker" "resources" ...) */}}
{{- define "odoo-sync.environment" -}}
envFrom:
  - configMapRef: { name: {{ include "odoo-sync.name" .root }} }
env:
  - name: NODE_OPTIONS
    value: --max-old-space-size={{ include "odoo-sync.heap" .resources.limits.memory }}
  {{- range $setting, $key := include "odoo-sync.secrets" . | fromYaml }}
  - { name: {{ $setting }}_FILE, value: /run/odoo-sync/{{ $key }} }
  {{- end }}
{{- end }}

{{/* Liveness is the process's alone: an outage of Redis or MongoDB must not restart the fleet. */}}
{{- define "odoo-sync.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: metrics }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}

{{/* One way out: (dict "rule" of values "protocols" (list "TCP")) */}}
{{- define "odoo-sync.egress" -}}
- ports:
  {{- $ports := .rule.ports }}
  {{- range $protocol := .protocols | default (list "TCP") }}
  {{- range $ports }}
    - { port: {{ . }}, protocol: {{ $protocol }} }
  {{- end }}
  {{- end }}
  {{- with .rule.to }}
  to: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
