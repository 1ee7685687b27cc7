"""InfluxDB 2: what is written as line protocol, a client, and a spool on disk for the time it is away."""
