"""Online detectors: one small function of one reading and one state record each."""
