"""What docker-compose.yml needs besides: secrets of a machine, and what makes the databases."""
