"""Breakdowns to files: 场景表, plain text in several styles, Fountain, FDX, USS; each is read back the same."""
