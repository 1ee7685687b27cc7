"""Kafka: topics, the wire form of entries, a producer that tells what is durable, state beside the stream."""
