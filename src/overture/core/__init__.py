"""Clock, chance, ids, errors, settings, secrets and log: what every layer may use. No I/O."""
