"""Who may see what: tenants, users, memberships, tokens, sign-in links, and the lookups before a tenant is known."""
