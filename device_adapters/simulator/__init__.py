"""A simulated field: recordings pushed over real HTTP and MQTT as devices would, in real time or faster."""
