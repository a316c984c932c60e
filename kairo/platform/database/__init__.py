"""The one database engine: the embedded server, roles, row-level security, tenant transactions.

Enter through `kairo.platform.database.sessions` at run time and `kairo.platform.database.rls` in migrations.
"""
