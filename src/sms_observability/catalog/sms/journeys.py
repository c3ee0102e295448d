"""The journeys of the portal (monitoring plan, section 6.2)."""

from __future__ import annotations

from sms_observability.catalog.journey import Journey, Step

JOURNEYS = (
    Journey(
        "parts_ordering_flow",
        sla_ms=3000,
        revenue=True,
        owner="revenue",
        description="A customer asks for a part, gets a price and orders it.",
        steps=(
            Step("HTTP POST /api/parts/quote", server_span=True),
            Step("Auth.validateToken"),
            Step("PartsService.getSupplierQuotes"),
            Step("MarkupService.calculatePrice", access="internal", public_name="QuoteService.prepareQuote"),
            Step("Database.saveQuote"),
            Step("Cache.invalidate"),
            Step("Webhook.notifyUser"),
        ),
    ),
    Journey(
        "technician_sync_flow",
        sla_ms=10000,
        owner="product",
        description="A technician's work without a network reaches the portal.",
        steps=(
            Step("HTTP POST /api/sync/upload", server_span=True),
            Step("Auth.validateOfflineToken"),
            Step("SyncService.validateChecksum"),
            Step("ConflictResolver.mergeData"),
            Step("Database.bulkUpsert"),
            Step("QualityScore.calculate"),
            Step("WebSocket.broadcastUpdate"),
        ),
    ),
    Journey(
        "vessel_onboarding_flow",
        sla_ms=5000,
        owner="customer-success",
        description="A vessel is registered with its equipment.",
        steps=(
            Step("HTTP POST /api/vessels/create", server_span=True),
            Step("ValidationService.checkIMO"),
            Step("IntegrationService.fetchVesselData"),
            Step("EquipmentService.generateTemplates"),
            Step("NotificationService.informUsers"),
        ),
    ),
)
