"""Who submits and what is asked: the bloc, the forms, the awards, all settings in TOML."""
