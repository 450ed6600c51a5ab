"""What the suite tells about itself: ECS JSON logs, OpenTelemetry traces, one access line per request."""
