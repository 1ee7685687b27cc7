"""Sockets and files that carry the bytes: HTTP, MQTT, replay."""
