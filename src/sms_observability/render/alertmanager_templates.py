"""What messages say: Alertmanager's templates for Slack, e-mail, PagerDuty and text messages.

Everything that comes from a label or an annotation is escaped: it may hold what somebody sent to a service.
"""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "common.tmpl": """\
{{/* The labels that a message names elsewhere are not repeated in "where". */}}
{{ define "sms.where" -}}
{{ $known := stringSlice "alertname" "severity" "team" "owner" "prometheus" "replica" "restricted" -}}
{{ range $i, $pair := (.Labels.Remove $known).SortedPairs }}{{ if $i }}, {{ end -}}
{{ $pair.Name }} {{ $pair.Value }}{{ end }}
{{- end }}

{{ define "sms.since" }}{{ .StartsAt.UTC.Format "2006-01-02 15:04" }} UTC{{ end }}
{{ define "sms.until" }}{{ .EndsAt.UTC.Format "2006-01-02 15:04" }} UTC{{ end }}

{{ define "sms.state" -}}
{{ if eq .Status "firing" }}{{ .CommonLabels.severity | toUpper }}{{ else }}RESOLVED{{ end }}
{{- end }}

{{ define "sms.what" -}}
{{ with .CommonAnnotations.summary }}{{ . }}{{ else }}{{ (index .Alerts 0).Annotations.summary }}{{ end }}
{{- end }}

{{ define "sms.subject" -}}
[{{ template "sms.state" . }}] {{ template "sms.what" . }}
{{- with .GroupLabels.environment }} ({{ . }}){{ end }}
{{- end }}

{{ define "sms.runbook" }}{{ (index .Alerts 0).Annotations.runbook_url }}{{ end }}
{{ define "sms.dashboard" }}{{ (index .Alerts 0).Annotations.dashboard_url }}{{ end }}
""",
    "slack.tmpl": """\
{{ define "slack.escaped" -}}
{{ reReplaceAll ">" "&gt;" (reReplaceAll "<" "&lt;" (reReplaceAll "&" "&amp;" .)) }}
{{- end }}

{{ define "slack.sms.color" -}}
{{ if ne .Status "firing" }}good{{ else if eq .CommonLabels.severity "critical" }}danger
{{- else if eq .CommonLabels.severity "warning" }}warning{{ else }}#439fe0{{ end }}
{{- end }}

{{ define "slack.sms.where" -}}
{{ $known := stringSlice "alertname" "severity" "team" "owner" "prometheus" "replica" "restricted" -}}
{{ range $i, $pair := (.Labels.Remove $known).SortedPairs }}{{ if $i }}, {{ end -}}
{{ $pair.Name }} {{ template "slack.escaped" $pair.Value }}{{ end }}
{{- end }}

{{ define "slack.sms.text" -}}
{{ range $i, $alert := .Alerts.Firing }}{{ if lt $i 10 -}}
*What*: {{ template "slack.escaped" (or .Annotations.description .Annotations.summary) }}
*Where*: {{ template "slack.sms.where" . }}
*Since*: {{ template "sms.since" . }}
{{ end }}{{ end -}}
{{ if gt (len .Alerts.Firing) 10 }}… and more: {{ len .Alerts.Firing }} in all.
{{ end -}}
{{ range $i, $alert := .Alerts.Resolved }}{{ if lt $i 10 -}}
*Over*: {{ template "slack.sms.where" . }}
*From*: {{ template "sms.since" . }} *to* {{ template "sms.until" . }}
{{ end }}{{ end -}}
{{ with .CommonLabels.team }}*Team*: {{ template "slack.escaped" . }}
{{ end -}}
<{{ template "slack.sms.runbook" . }}|Runbook> · <{{ template "slack.sms.dashboard" . }}|Dashboard> ·
<{{ .ExternalURL }}|Alertmanager>
{{- end }}

{{ define "slack.sms.runbook" }}{{ template "slack.escaped" (index .Alerts 0).Annotations.runbook_url }}{{ end }}
{{ define "slack.sms.dashboard" }}{{ template "slack.escaped" (index .Alerts 0).Annotations.dashboard_url }}{{ end }}

{{ define "slack.sms.title" }}{{ template "sms.subject" . }}{{ end }}
""",
    "email.tmpl": """\
{{ define "email.sms.text" -}}
{{ template "sms.subject" . }}
{{ range .Alerts }}
What:      {{ or .Annotations.description .Annotations.summary }}
Where:     {{ template "sms.where" . }}
Since:     {{ template "sms.since" . }}{{ if eq .Status "resolved" }}
Until:     {{ template "sms.until" . }}{{ end }}{{ with .Annotations.owner }}
Owner:     {{ . }}{{ end }}
Runbook:   {{ .Annotations.runbook_url }}
Dashboard: {{ .Annotations.dashboard_url }}
{{ end }}
{{ with .CommonLabels.team }}Team: {{ . }}
{{ end }}Alertmanager: {{ .ExternalURL }}
{{- end }}

{{ define "email.sms.html" -}}
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ template "sms.subject" . }}</title></head>
<body style="font-family: sans-serif; color: #1a1a1a; max-width: 42em">
<h1 style="font-size: 1.2em">{{ template "sms.subject" . }}</h1>
{{ range .Alerts -}}
<table style="border-collapse: collapse; margin-bottom: 1.5em" cellpadding="4">
<tr><th align="left" valign="top">What</th><td>{{ or .Annotations.description .Annotations.summary }}</td></tr>
<tr><th align="left" valign="top">Where</th><td>{{ template "sms.where" . }}</td></tr>
<tr><th align="left" valign="top">Since</th><td>{{ template "sms.since" . }}</td></tr>
{{ if eq .Status "resolved" }}<tr><th align="left" valign="top">Until</th><td>{{ template "sms.until" . }}</td></tr>
{{ end -}}
{{ with .Annotations.owner }}<tr><th align="left" valign="top">Owner</th><td>{{ . }}</td></tr>
{{ end -}}
<tr><th align="left" valign="top">Next</th><td><a href="{{ .Annotations.runbook_url }}">Runbook</a> ·
<a href="{{ .Annotations.dashboard_url }}">Dashboard</a></td></tr>
</table>
{{ end -}}
<p>{{ with .CommonLabels.team }}Team {{ . }} · {{ end }}<a href="{{ .ExternalURL }}">Alertmanager</a></p>
</body></html>
{{- end }}
""",
    "pagerduty.tmpl": """\
{{ define "pagerduty.sms.severity" -}}
{{ if match "^(critical|error|warning|info)$" .CommonLabels.severity }}{{ .CommonLabels.severity }}
{{- else }}critical{{ end }}
{{- end }}

{{/* The bracket keeps Alertmanager from taking a text with colons for YAML, and from sending an object. */}}
{{ define "pagerduty.sms.alerts" -}}
{{ range $i, $alert := . }}{{ if lt $i 10 -}}
[{{ .Status }}] {{ or .Annotations.description .Annotations.summary }}
Where: {{ template "sms.where" . }}
Since: {{ template "sms.since" . }}
{{ end }}{{ end }}
{{- end }}

{{ define "pagerduty.sms.description" }}{{ template "sms.what" . }}
{{- with .GroupLabels.environment }} ({{ . }}){{ end }}{{ end }}
""",
    "sms.tmpl": """\
{{ define "sms.sms.text" -}}
{{ template "sms.subject" . }} since {{ template "sms.since" (index .Alerts 0) }}. {{ template "sms.runbook" . }}
{{- end }}
""",
    "restricted.tmpl": """\
{{/* Neither names nor labels nor texts of the alert: a message leaves the house, figures and targets do not. */}}
{{ define "restricted.subject" -}}
[{{ if eq .Status "firing" }}CHECK{{ else }}RESOLVED{{ end }}] A revenue protection check
{{- if eq .Status "firing" }} needs attention{{ else }} is well again{{ end }}
{{- end }}

{{ define "restricted.text" -}}
{{ template "restricted.subject" . }}.
Since: {{ template "sms.since" (index .Alerts 0) }}
What it is stands in the restricted dashboard, for those who may open it; what to do stands in the runbook.
Dashboard: {{ template "sms.dashboard" . }}
Runbook: {{ template "sms.runbook" . }}
{{- end }}

{{ define "restricted.html" -}}
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ template "restricted.subject" . }}</title></head>
<body style="font-family: sans-serif; color: #1a1a1a; max-width: 42em">
<h1 style="font-size: 1.2em">{{ template "restricted.subject" . }}</h1>
<p>Since {{ template "sms.since" (index .Alerts 0) }}. What it is stands in the
<a href="{{ template "sms.dashboard" . }}">restricted dashboard</a>, for those who may open it; what to do stands in the
<a href="{{ template "sms.runbook" . }}">runbook</a>.</p>
</body></html>
{{- end }}

{{/* An alert without route may have lost the label that says it is restricted. */}}
{{ define "unrouted.subject" }}An alert has no route{{ end }}
{{ define "unrouted.text" -}}
An alert came to Alertmanager that fits no route, since {{ template "sms.since" (index .Alerts 0) }}.
Look there which one it is, and give its rule the labels severity and team: {{ .ExternalURL }}
{{- end }}
""",
}
"""File name -> text."""
