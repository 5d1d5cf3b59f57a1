"""People who use the platform for some minutes, for locust: `make load`."""
