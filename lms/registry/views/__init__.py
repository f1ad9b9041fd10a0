"""Pages of the registry: the public check, the registrars' desks, and a holder's own entries."""
