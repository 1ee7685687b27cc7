"""The demonstration: a district that does not exist, recordings played fast, then a simulated field, live.

Everything is real but the field: readings cross HTTP and MQTT sockets of this machine, warnings go through the
outbox to channels.
"""

from __future__ import annotations
