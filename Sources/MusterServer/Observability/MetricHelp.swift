/// What each of our metrics means, for whoever reads `/metrics`.
enum MetricHelp {
    static let texts = [
        "muster_http_requests_total": "SCIM requests, by route, method and status.",
        "muster_http_request_seconds": "Time from a SCIM request's headers to its answer, by route and method.",
        "muster_deliveries_total": "Ends of deliveries: delivered, retried, set_aside, or released without an attempt.",
        "muster_delivery_backlog": "Deliveries that are not finished, by subscriber and state.",
        "muster_delivery_oldest_due_seconds": "How long the delivery has been due that waits longest.",
        "muster_provisioning_plans_total": "Plans for accounts at targets that ended: done, or failed for good.",
        "muster_provisioning_backlog": "People with open work at a target, by its state.",
        "muster_target_quarantined": "1 while a target is left alone because it failed.",
        "muster_plugin_runs_total": "Runs of hooks, by plugin, hook and outcome.",
        "muster_plugin_run_seconds": "How long hooks take, waiting included.",
        "muster_plugin_breaker_openings_total": "How often a destination was found to be out of order.",
        "muster_plugin_destinations_held_back": "Destinations that a plugin's calls are held back from now.",
    ]
}
