"""Settings, composition, the command line, channels, reception and delivery."""
