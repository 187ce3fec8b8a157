"""The metrics of the node itself, as Prometheus reads them at `/metrics/agent`."""
