"""What users and technicians do (monitoring plan, section 2.3, and what its alerts and panels use)."""

from __future__ import annotations

from sms_observability.catalog.buckets import SCORE, SYNC_SECONDS, TASK_SECONDS
from sms_observability.catalog.metric import Metric
from sms_observability.catalog.sms.labels import (
    COMPANY_ID,
    DATA_SIZE,
    EQUIPMENT_TYPE,
    FEATURE,
    LOGIN_METHOD,
    PLATFORM,
    ROLE,
    TASK_TYPE,
    VESSEL_ID,
)

METRICS = (
    Metric.counter(
        "sms.user.sessions",
        unit="{session}",
        labels=(ROLE, PLATFORM, COMPANY_ID),
        description="Sessions that users began",
        owner="product",
        initialise=({},),
        prometheus="sms_user_sessions_total",
    ),
    Metric.gauge(
        "sms.users.active",
        unit="{user}",
        labels=(ROLE,),
        description="Users at work now; each replica knows its own",
        owner="product",
        across_replicas="sum",
        prometheus="sms_users_active",
        replaces=("sms_user_active",),
    ),
    Metric.counter(
        "sms.feature.usage",
        unit="{use}",
        labels=(FEATURE, ROLE),
        description="How often a feature was used",
        owner="product",
        prometheus="sms_feature_usage_total",
    ),
    Metric.histogram(
        "sms.time_to_complete",
        unit="s",
        labels=(TASK_TYPE, ROLE),
        buckets=TASK_SECONDS,
        description="How long a task took its user",
        owner="product",
        prometheus="sms_time_to_complete_seconds",
    ),
    Metric.counter(
        "sms.login.failures",
        unit="{attempt}",
        labels=(LOGIN_METHOD, PLATFORM),
        description="Logins that were refused",
        owner="security",
        initialise=({},),
        prometheus="sms_login_failures_total",
    ),
    Metric.counter(
        "sms.equipment.documented",
        unit="{item}",
        labels=(VESSEL_ID,),
        description="Equipment items that technicians documented; by technician only in the restricted twin",
        owner="product",
        prometheus="sms_equipment_documented_total",
    ),
    Metric.counter(
        "sms.photos.uploaded",
        unit="{photo}",
        labels=(VESSEL_ID, EQUIPMENT_TYPE),
        description="Photos of equipment that were uploaded",
        owner="product",
        prometheus="sms_photos_uploaded_total",
    ),
    Metric.histogram(
        "sms.quality.score",
        unit="{score}",
        labels=(EQUIPMENT_TYPE,),
        buckets=SCORE,
        description="Quality of documentation, from 0 to 100",
        owner="product",
        prometheus="sms_quality_score",
    ),
    Metric.histogram(
        "sms.offline.sync.duration",
        unit="s",
        labels=(VESSEL_ID, DATA_SIZE),
        buckets=SYNC_SECONDS,
        thresholds=(10,),
        description="How long work done without a network took to reach the portal",
        owner="product",
        prometheus="sms_offline_sync_duration_seconds",
    ),
)
