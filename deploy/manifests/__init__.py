"""Renders what Kubernetes is told and holds it against Kubernetes' schemas and against our own rules."""
