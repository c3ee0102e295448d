"""The names of the portal's journeys and steps as types, so that a type checker finds a wrong one."""

from typing import Literal

JourneyName = Literal["parts_ordering_flow", "technician_sync_flow", "vessel_onboarding_flow"]

StepName = Literal[
    "Auth.validateOfflineToken",
    "Auth.validateToken",
    "Cache.invalidate",
    "ConflictResolver.mergeData",
    "Database.bulkUpsert",
    "Database.saveQuote",
    "EquipmentService.generateTemplates",
    "IntegrationService.fetchVesselData",
    "MarkupService.calculatePrice",
    "NotificationService.informUsers",
    "PartsService.getSupplierQuotes",
    "QualityScore.calculate",
    "SyncService.validateChecksum",
    "ValidationService.checkIMO",
    "WebSocket.broadcastUpdate",
    "Webhook.notifyUser",
]
"""What code runs as a step; the request itself (`HTTP POST …`) is the server's span."""
