"""The parts of docs/cli.md and docs/configuration.md that are written from the program itself."""
