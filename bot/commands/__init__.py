"""The commands of the command line; heavy imports wait inside each, so that `--help` is quick."""
