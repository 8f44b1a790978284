"""The open API: routers, tokens, problem+json. Holds no rules."""
