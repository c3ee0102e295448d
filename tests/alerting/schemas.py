"""What the vendors take, as they document it, as JSON Schema.

PagerDuty: "Events API v2, Send an alert event". Slack: "Incoming webhooks", "Reference: Secondary message attachments".
Prometheus: "Alerting configuration, webhook_config" (version 4). Amazon: "SNS API reference, Publish".
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "pattern": "^https://[^ ]+$"}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_LABELS = {"type": "object", "additionalProperties": {"type": "string"}}

PAGERDUTY: dict[str, Any] = {
    "type": "object",
    "required": ["routing_key", "event_action", "dedup_key", "payload"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": _TEXT,
        "client_url": _URL,
        "images": {"type": "array"},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["href"],
                "additionalProperties": False,
                "properties": {"href": _URL, "text": _TEXT},
            },
        },
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": _TEXT,
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": _MOMENT,
                "component": _TEXT,
                "group": _TEXT,
                "class": _TEXT,
                "custom_details": {"type": "object"},
            },
        },
    },
}

SLACK: dict[str, Any] = {
    "type": "object",
    "required": ["attachments"],
    "additionalProperties": False,
    "properties": {
        "channel": {"type": "string", "pattern": "^#[a-z0-9_-]{1,80}$"},
        "username": _TEXT,
        "text": {"type": "string"},
        "attachments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["fallback", "title", "text"],
                "additionalProperties": False,
                "properties": {
                    "fallback": _TEXT,
                    "color": {"type": "string", "pattern": "^(good|warning|danger|#[0-9a-fA-F]{6})$"},
                    "title": {"type": "string", "minLength": 1, "maxLength": 1024},
                    "title_link": _URL,
                    "text": {"type": "string", "minLength": 1, "maxLength": 8000},
                    "pretext": {"type": "string"},
                    "footer": {"type": "string", "maxLength": 300},
                    "callback_id": {"type": "string"},
                    "fields": {"type": "array"},
                    "image_url": _URL,
                    "thumb_url": _URL,
                    "mrkdwn_in": {"type": "array", "items": {"enum": ["pretext", "text", "fields"]}},
                },
            },
        },
    },
}

WEBHOOK: dict[str, Any] = {
    "type": "object",
    "required": [
        "version",
        "groupKey",
        "truncatedAlerts",
        "status",
        "receiver",
        "groupLabels",
        "commonLabels",
        "alerts",
    ],
    "properties": {
        "version": {"const": "4"},
        "groupKey": _TEXT,
        "truncatedAlerts": {"type": "integer"},
        "status": {"enum": ["firing", "resolved"]},
        "receiver": _TEXT,
        "groupLabels": _LABELS,
        "commonLabels": _LABELS,
        "commonAnnotations": _LABELS,
        "externalURL": _URL,
        "alerts": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"],
                "properties": {
                    "status": {"enum": ["firing", "resolved"]},
                    "labels": _LABELS,
                    "annotations": _LABELS,
                    "startsAt": _MOMENT,
                    "endsAt": _MOMENT,
                },
            },
        },
    },
}

SNS: dict[str, Any] = {
    "type": "object",
    "required": ["Action", "Version", "TopicArn", "Message"],
    "properties": {
        "Action": {"const": "Publish"},
        "Version": {"const": "2010-03-31"},
        "TopicArn": {"type": "string", "pattern": "^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$"},
        # What goes into one text message by GSM's alphabet, times the ten parts that a telephone joins.
        "Message": {"type": "string", "minLength": 1, "maxLength": 1530},
        "Subject": {"type": "string", "pattern": r"^[A-Za-z0-9!-~][ -~]{0,99}$"},
    },
}
